"""Words of messages."""

from lth_core.words import plural


def test_plurals() -> None:
    assert [f"{n} {plural('file', n)}" for n in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
