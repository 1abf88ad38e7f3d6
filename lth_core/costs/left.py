"""How long a call still takes, by what it has done so far: rough, but it costs nothing."""

import time
from collections.abc import Iterable, Mapping

from lth_core.costs.jobs import planned
from lth_core.runs.plan import Plan

# To start and to write; then by the FLOPs of the dense network. Only ratios matter.
_SECONDS_A_JOB = 1.0
_FLOPS_PER_SECOND = {"sparse": 8e10, "torch": 2e11, "xor": 1e9}


def seconds_of(plan: Plan, place: Mapping[str, str]) -> float:
    """Return about what a job takes on one core; `place` has `lanes` if it trains."""
    if "lanes" not in place:
        return _SECONDS_A_JOB
    [job] = planned(plan, [plan.job_at(place)])
    engine, cost = job.setup.engine, job.cost
    # What the sparse engine needs of a dense network's time, by benchmarks/README.md.
    part = min(1.0, 0.05 + 1.4 * job.share) if engine == "sparse" else 1.0
    flops = cost.training_flops + cost.evaluation_flops
    return _SECONDS_A_JOB + part * flops / _FLOPS_PER_SECOND[engine]


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

    def words(self) -> str:
        """Return "about 4 min left"; nothing while more are under way than have ended."""
        if self.ended <= self._begun - self.ended or not self._done:
            return ""
        rest = sum(self._seconds.values()) / self._done - 1
        seconds = rest * (time.monotonic() - self._started)
        return f"about {_duration(seconds)} left" if seconds >= 1 else ""


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
