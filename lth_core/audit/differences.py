"""Differences between two nested settings: pure functions."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

ABSENT = "nothing"
# Settings that say where other jobs are, and what these are: inputs tell it.
_OF_OTHERS = ("reads", "folder", "folders", "tables", "run")
_WIDTH = 60  # of a value in a sentence


class Difference(NamedTuple):
    """One key, such as `training.learning_rate` or `lanes.0.trial`, and its two values."""

    key: str
    first: Any
    second: Any


def differences(first: Any, second: Any, key: str = "") -> list[Difference]:
    """Return the innermost keys whose values differ, in order; what lacks a key has ABSENT."""
    inner = _pairs(first, second)
    if inner is None:
        return [] if first == second else [Difference(key, first, second)]
    return [
        difference
        for name, one, other in inner
        for difference in differences(one, other, f"{key}.{name}" if key else name)
    ]


def without_others(settings: Any) -> Any:
    """Return settings without what follows from the jobs that a job is built on."""
    if isinstance(settings, Mapping):
        own = {key: value for key, value in settings.items() if key not in _OF_OTHERS}
        return {key: without_others(value) for key, value in own.items()}
    return [without_others(item) for item in settings] if isinstance(settings, list) else settings


def sentence(found: list[Difference], verb: str, most: int = 3) -> str:
    """Return e.g. "training.learning_rate 0.0012, here 0.002 and 2 more" for verb "here"."""
    texts = [f"{d.key} {brief(d.first)}, {verb} {brief(d.second)}" for d in found[:most]]
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return "; ".join(texts) + more


def brief(value: Any) -> str:
    """Return a value as text, cut off where it is long."""
    text = str(value)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _pairs(first: Any, second: Any) -> Iterable[tuple[str, Any, Any]] | None:
    """Return what is to be compared inside two containers of one kind, else None."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        names = dict.fromkeys([*first, *second])
        return [(n, first.get(n, ABSENT), second.get(n, ABSENT)) for n in names]
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [(str(i), *pair) for i, pair in enumerate(zip(first, second, strict=True))]
    return None
