"""Words of messages."""


def plural(noun: str, number: int) -> str:
    """Return the form of a regular noun that goes with a number: 1 job, 2 jobs."""
    return noun if number == 1 else f"{noun}s"
