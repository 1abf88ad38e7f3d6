"""Words of messages."""

from collections.abc import Collection


def plural(noun: str, number: int) -> str:
    """Return the form of a regular noun that goes with a number: 1 job, 2 jobs."""
    return noun if number == 1 else f"{noun}s"


def span(noun: str, numbers: Collection[int]) -> str:
    """Return the numbers from the least to the most: trial 3, trials 0-4."""
    least, most = min(numbers), max(numbers)
    return f"{noun} {least}" if least == most else f"{noun}s {least}-{most}"
