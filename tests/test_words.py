"""Words of messages."""

from lth_core.words import plural, span


def test_plurals() -> None:
    assert [f"{n} {plural('file', n)}" for n in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


def test_spans() -> None:
    assert [span("trial", numbers) for numbers in ({3}, {4, 0, 2})] == ["trial 3", "trials 0-4"]
