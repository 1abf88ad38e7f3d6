"""Results of replays, for people and for programs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from lth_core.audit.differences import sentence
from lth_core.audit.replay import Outcome, Replay, Sample

_WIDTH = 9  # of the longest outcome
_MOST = 3  # texts of one job


def announcement(drawn: Sample) -> Iterator[str]:
    """Yield what is going to be replayed."""
    yield ""
    number, all_ = len(drawn.nodes), drawn.possible + len(drawn.impossible)
    text = f"Replaying {number} of {all_} training jobs and tables, drawn by seed {drawn.seed}"
    yield f"{text}, each from its recorded inputs and settings"
    if drawn.impossible:
        path, why = next(iter(drawn.impossible.items()))
        yield f"  {len(drawn.impossible)} cannot be replayed, for example {path}: {why}"


def lines(replay: Replay) -> Iterator[str]:
    """Yield what came of one job."""
    yield f"{replay.outcome:{_WIDTH}} {replay.manifest.rpartition('/')[0]}: {_what(replay)}"
    for text in replay.texts[:_MOST]:
        yield f"{'':{_WIDTH}}   {text}"
    hidden = len(replay.texts) - _MOST
    if hidden > 0:
        yield f"{'':{_WIDTH}}   and {hidden} more (--json has all)"
    if replay.environment:
        found = sentence(list(replay.environment), "here")
        yield f"{'':{_WIDTH}}   environment: {found}"
    recorded, here = replay.code["recorded"], replay.code["here"]
    if recorded != here:
        yield f"{'':{_WIDTH}}   code: fingerprint {recorded}, here {here}"


def last_words(replays: list[Replay]) -> str:
    """Return the sum of it."""
    counts = Counter(replay.outcome for replay in replays)
    told = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    return f"Replayed: {', '.join(told) or 'nothing'}."


def plain(drawn: Sample, replays: list[Replay]) -> dict[str, Any]:
    """Return plain values."""
    return {
        "seed": drawn.seed,
        "possible": drawn.possible,
        "impossible": drawn.impossible,
        "jobs": [asdict(replay) for replay in replays],
    }


def _what(replay: Replay) -> str:
    if replay.outcome == Outcome.IDENTICAL:
        return "bit for bit"
    if not replay.files:
        return "could not be run"
    same = "" if replay.environment else ", on the processor, engine and versions of then"
    return f"other bits in {', '.join(replay.files)}{same}"
