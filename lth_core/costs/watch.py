"""Progress of training, from files alone, so that it also works beside a cluster's jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lth_core.costs.jobs import PlannedJob
from lth_core.provenance.manifest import NAME

RESUME = "resume.safetensors"  # what an unfinished job of training leaves
PACE = 3600  # seconds back from now, in which the pace is measured
SILENCE = 120  # seconds after which a job is not running: it saves itself every 30


@dataclass(frozen=True)
class Standing:
    """Where training stands.

    done, running, waiting: jobs. share: of the work that is done, 0 to 1. seconds: until all is
    done at the pace of the last hour; None where too few jobs ended in it.
    """

    done: int
    running: int
    waiting: int
    share: float
    seconds: float | None


def standing(
    work: Mapping[PlannedJob, float], runs_folder: Path, logs_folder: Path, now: float
) -> Standing:
    """Return where the jobs in `work` stand at the time `now`, in seconds as `time.time` has it.

    work: of each job, in any unit. runs_folder, logs_folder: of all runs of the scale.
    """
    ended = {job: _changed(runs_folder / job.folder / NAME) for job in work}
    done = {job: when for job, when in ended.items() if when is not None}
    left = [job for job in work if job not in done]
    signs = {
        job: [runs_folder / job.folder / RESUME, logs_folder / f"{job.folder}.log"] for job in left
    }
    running = sum(
        any(now - (_changed(path) or 0) < SILENCE for path in paths) for paths in signs.values()
    )
    rest = sum(work[job] for job in left)
    pace = _pace({job: when for job, when in done.items() if now - when < PACE}, work, now)
    return Standing(
        *(len(done), running, len(left) - running),
        share=1 - rest / sum(work.values()),
        seconds=rest / pace if pace else None,
    )


def _pace(
    recent: Mapping[PlannedJob, float], work: Mapping[PlannedJob, float], now: float
) -> float | None:
    """Return the work done a second since the first of the recent jobs ended; None if none is."""
    if len(recent) < 2:
        return None
    first = min(recent, key=lambda job: recent[job])
    return sum(work[job] for job in recent if job != first) / max(1.0, now - recent[first])


def _changed(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None
