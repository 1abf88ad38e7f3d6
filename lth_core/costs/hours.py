"""How long jobs take, from the measured speed of their networks."""

from collections.abc import Iterable, Mapping

from lth_core.costs.plan import share_remaining
from lth_core.costs.run import examples_evaluated
from lth_core.costs.speed import Setup, Speed, setup_of
from lth_core.runs.plan import Job, Plan

# Starting Python, loading the data and writing the files of one job; see benchmarks/README.md.
SECONDS_A_JOB = 2.0


def setups(plan: Plan, jobs: Iterable[Job]) -> list[Setup]:
    """Return what has to be measured to tell how long `jobs` take."""
    return list(dict.fromkeys(setup_of(plan, job) for job in jobs))


def seconds(plan: Plan, job: Job, speeds: Mapping[Setup, Speed]) -> float:
    """Return the seconds that `job` takes on one core (or on the GPU, where there is one)."""
    settings = plan.settings(job.runs[0])
    speed, training = speeds[setup_of(plan, job)], settings["training"]
    examples = examples_evaluated(settings["dataset"], training)
    share = share_remaining(plan, job.runs[0])
    each = speed.seconds(share, training["iterations"], examples)
    return SECONDS_A_JOB + len(job.runs) * each
