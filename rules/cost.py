"""What jobs cost: announced before the first one starts, and asked of a scheduler as minutes."""

import os
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from lth_core.costs.left import announcement, longest_chain, seconds_dense, seconds_of
from lth_core.costs.run import Cost, cost_of_run
from lth_core.devices.lease import VISIBLE, installed_devices, visible
from lth_core.runs.plan import Plan
from lth_core.runs.run import Run

# By where a network is trained.
_START_MINUTES = {"sparse": 3, "torch": 5, "gpu": 10}
Stats = Callable[[Any], tuple[str, dict[str, int]]]


def costs_of_jobs(plan: Plan, workflow: Any) -> Callable[[], dict[int, float]]:
    """Return a function that tells roughly how many seconds each job of the call takes, by number.

    It can be called once Snakemake knows its jobs, and computes them once.
    """

    @cache
    def seconds() -> dict[int, float]:
        return seconds_of(plan, _places(workflow.dag), _has_gpu(workflow))

    return seconds


def minutes_by_cost(plan: Plan, torch_on: str) -> Callable[[Any, int], int]:
    """Return a function of wildcards and attempt: the minutes that a training job is given.

    They are some to start, and twice what the dense network should take. A job that needs longer
    saves itself, and its next attempt is given more. torch_on: where PyTorch trains, torch (a
    core) or gpu.
    """

    @cache
    def cost_of(run: Run) -> Cost:
        return cost_of_run(plan.settings(run), plan.project.datasets)

    def minutes_of(wildcards: Any, attempt: int) -> int:
        runs = plan.job_at(wildcards).runs
        engine = "sparse" if plan.engines[wildcards.experiment] == "sparse" else torch_on
        # That of any trial of its round.
        cost = cost_of(runs[0]._replace(trial=0, replicate=0)).times(len(runs))
        minutes = 2 * seconds_dense(cost, engine) / 60
        return attempt * (_START_MINUTES[engine] + round(minutes))

    return minutes_of


def saying_the_cost(
    stats: Stats, plan: Plan, seconds: Callable[[], dict[int, float]], workflow: Any
) -> Stats:
    """Return `stats`, Snakemake's table of jobs, with what they cost below it."""

    @wraps(stats)
    def with_cost(dag: Any) -> tuple[str, dict[str, int]]:
        text, counts = stats(dag)
        each = seconds()
        training = {
            plan.job_at(place).folder: each[job]
            for job, place in _places(dag).items()
            if "lanes" in place
        }
        cores = workflow.cores if workflow.local_exec else None
        longest = longest_chain(plan, training)
        return f"{text}{announcement(sum(each.values()), longest, len(training), cores)}", counts

    return with_cost


def _places(dag: Any) -> dict[int, dict[str, str]]:
    """Return the wildcards of each job that the call runs, by its number."""
    return {dag.jobid(job): job.wildcards_dict for job in dag.needrun_jobs()}


def asks_for_gpus(workflow: Any) -> bool:
    """Return whether PyTorch's jobs ask a cluster for GPUs.

    A profile that sets `gpu` to 0, and no `gres` in its place, does without: one core then trains.
    """
    asked = workflow.resource_settings.overwrite_resources.get("train_torch", {})
    return "gpu" not in asked or asked["gpu"].raw != 0 or "gres" in asked


def _has_gpu(workflow: Any) -> bool:
    """Return whether PyTorch's jobs get a GPU."""
    if not workflow.local_exec:
        return asks_for_gpus(workflow)
    return bool(visible(os.environ.get(VISIBLE), installed_devices()))
