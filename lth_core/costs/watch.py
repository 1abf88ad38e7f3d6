"""Progress of training, from files alone, so that it also works beside a cluster's jobs."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lth_core.costs.jobs import PlannedJob
from lth_core.provenance.manifest import NAME

RESUME = "resume.safetensors"  # what an unfinished job of training leaves
RECENT = 20  # jobs that ended last, which tell the pace
SILENCE = 120  # seconds after which a job is not running: it saves itself every 30


@dataclass(frozen=True)
class Standing:
    """Where training stands.

    done, running, waiting: jobs. share: of the work that is done, 0 to 1. seconds: until all is
    done, if as many jobs go on as now; None where none runs, or none that ended tells its time.
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
    lately = sorted(done, key=lambda job: done[job])[-RECENT:]
    pace = running * _work_a_second(lately, work, logs_folder)
    return Standing(
        *(len(done), running, len(left) - running),
        share=1 - rest / sum(work.values()),
        seconds=rest / pace if pace else None,
    )


def _work_a_second(
    ended: Iterable[PlannedJob], work: Mapping[PlannedJob, float], logs_folder: Path
) -> float:
    """Return the work that each of these jobs did in a second; 0 where no benchmark is left."""
    took = {job: _seconds(logs_folder / f"{job.folder}.jsonl") for job in ended}
    told = {job: seconds for job, seconds in took.items() if seconds}
    return sum(work[job] for job in told) / sum(told.values()) if told else 0.0


def _seconds(benchmark: Path) -> float:
    """Return the seconds that Snakemake noted of a job; 0 where it has not."""
    try:
        return float(json.loads(benchmark.read_bytes())["s"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0.0


def _changed(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None
