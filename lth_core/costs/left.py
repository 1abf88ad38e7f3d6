"""Duration of a call: from rough constants before it starts, then from its progress."""

import time
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import TypeVar

from lth_core.costs.jobs import PlannedJob, planned
from lth_core.costs.plan import SECONDS_A_JOB
from lth_core.costs.run import Cost
from lth_core.runs.plan import Plan
from lth_core.words import plural

K = TypeVar("K", bound=Hashable)

# FLOPs of the dense network that are done in a second, by engine; `gpu` is PyTorch on one, where an
# iteration takes Python some time at least. Good to a factor of two or so (benchmarks/README.md);
# `lth plan` measures them.
_FLOPS_PER_SECOND = {"sparse": 6e10, "torch": 1e11, "gpu": 5e12, "xor": 1e9}
_GPU_ITERATION = 2.3e-3  # seconds


def seconds_of(plan: Plan, places: Mapping[K, Mapping[str, str]], with_gpu: bool) -> dict[K, float]:
    """Return roughly how many seconds each job takes on one core, or on a GPU by PyTorch.

    Fetching a data set counts as nothing: it tells nothing about the rest.
    places: wildcards of each job, `lanes` among them if it trains.
    """
    training = [job for job, place in places.items() if "lanes" in place]
    trained = planned(plan, (plan.job_at(places[job]) for job in training))
    seconds = {job: 0.0 if "dataset" in place else SECONDS_A_JOB for job, place in places.items()}
    for job, found in zip(training, trained, strict=True):
        seconds[job] += seconds_of_training(found, with_gpu)
    return seconds


def seconds_of_training(job: PlannedJob, with_gpu: bool) -> float:
    """Return roughly how many seconds training takes on one core, or on the GPU if `with_gpu`."""
    engine = job.setup.engine
    # What the sparse engine needs of a dense network's time, by benchmarks/README.md.
    part = min(1.0, 0.05 + 1.4 * job.share) if engine == "sparse" else 1.0
    return part * seconds_dense(job.cost, "gpu" if engine == "torch" and with_gpu else engine)


def seconds_dense(cost: Cost, engine: str) -> float:
    """Return roughly how many seconds runs of dense networks take.

    engine: sparse, torch, gpu (PyTorch on one) or xor.
    """
    flops = cost.training_flops + cost.evaluation_flops
    least = cost.iterations * _GPU_ITERATION if engine == "gpu" else 0.0
    return max(least, flops / _FLOPS_PER_SECOND[engine])


def longest_chain(plan: Plan, seconds: Mapping[PurePosixPath, float]) -> float:
    """Return the seconds of the slowest chain of training jobs, each of which needs the one before.

    seconds: of the jobs that are left, by folder. However many cores there are, it takes as long.
    """

    @cache
    def end(folder: PurePosixPath) -> float:
        parents = [end(parent.folder) for parent in plan.parent_jobs(plan.jobs[folder])]
        return seconds.get(folder, 0.0) + max(parents, default=0.0)

    return max(map(end, seconds), default=0.0)


def announcement(total: float, longest: float, training: int, cores: int | None) -> str:
    """Return what a call will cost, in one line; nothing where it is less than an hour.

    total: seconds of its jobs. longest: seconds of the slowest chain of them. training: how many of
    them train. cores: that it has, None where a cluster decides.
    """
    takes = max(total / (cores or 1), longest)
    if takes < 3600:
        return ""
    time_ = f"{_number(total / 3600)} core-hours"
    if cores is not None:
        time_ = f"{duration(takes)} on {cores} {plural('core', cores)}"
    jobs = f"{training:,} training {plural('job', training)}"
    return f"This takes about {time_} (roughly; `lth plan` measures it): {jobs}."


class TimeLeft:
    """How long a call still takes, if the rest goes on as it did so far.

    seconds: what each job takes, by its number; only their ratios matter.
    """

    def __init__(self, seconds: Mapping[int, float]) -> None:
        self._seconds = seconds
        self._started = time.monotonic()
        self._done = 0.0
        self._begun = self.ended = 0  # submissions, which may be of several jobs

    def begin(self, submissions: int) -> None:
        """Take note of submissions that begin."""
        self._begun += submissions

    def end(self, jobs: Iterable[int]) -> None:
        """Take note of the end of a submission of these jobs."""
        self.ended += 1
        self._done += sum(self._seconds.get(job, 0.0) for job in jobs)
        if not self._done:
            self._started = time.monotonic()

    def words(self) -> str:
        """Return "about 4 min left"; nothing while more are under way than have ended."""
        if self.ended <= self._begun - self.ended or not self._done:
            return ""
        rest = sum(self._seconds.values()) / self._done - 1
        seconds = rest * (time.monotonic() - self._started)
        return f"about {duration(seconds)} left" if seconds >= 1 else ""


def duration(seconds: float) -> str:
    """Return e.g. "4 min" or "2.3 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{_number(minutes / 60)} h"


def _number(hours: float) -> str:
    return f"{hours:.1f}" if hours < 100 else f"{hours:,.0f}"
