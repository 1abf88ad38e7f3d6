"""What a call says it will cost, on cores of its own and on a cluster."""

from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from snakemake.resources import Resources

from rules.cost import asks_for_gpus, costs_of_jobs, saying_the_cost
from tests.projects import plan_at


class Job:
    """A job of Snakemake, as far as costs go."""

    def __init__(self, wildcards: Mapping[str, str]) -> None:
        self.wildcards_dict = wildcards


class Dag:
    """Snakemake's DAG: a figure and the rounds of an experiment."""

    def __init__(self, experiment: str, rounds: int) -> None:
        places = [
            {"experiment": experiment, "round": f"{number:02d}", "lanes": "trial_0"}
            for number in range(rounds)
        ]
        self.jobs = [Job({"figure": "fig05"}), *map(Job, places)]

    def needrun_jobs(self) -> list[Job]:
        return self.jobs

    def jobid(self, job: Job) -> int:
        return self.jobs.index(job)

    def stats(self) -> tuple[str, dict[str, int]]:
        return "The table.\n", {"total": len(self.jobs)}


def said(dag: Dag, **settings: object) -> str:
    """Return what a call at scale paper says of its jobs before it starts."""
    asked = SimpleNamespace(overwrite_resources={})
    workflow = SimpleNamespace(dag=dag, resource_settings=asked, **settings)
    plan = plan_at("paper")
    seconds = costs_of_jobs(plan, workflow)
    text, counts = saying_the_cost(Dag.stats, plan, seconds, workflow)(dag)
    assert counts == {"total": len(dag.jobs)}
    return text


@pytest.mark.parametrize(
    ("settings", "unit"),
    [
        ({"local_exec": True, "cores": 2}, "h on 2 cores"),
        ({"local_exec": False, "cores": 2}, "core-hours"),
    ],
)
def test_the_cost_stands_below_the_table(settings: dict[str, object], unit: str) -> None:
    table, line = said(Dag("conv2_imp", 3), **settings).splitlines()
    assert table == "The table."
    assert line.startswith("This takes about ") and f" {unit} (" in line
    assert line.endswith(": 3 training jobs.")


def test_a_short_call_says_nothing() -> None:
    assert said(Dag("lenet_imp", 2), local_exec=True, cores=1) == "The table.\n"


@pytest.mark.parametrize(
    ("asked", "gpus"),
    [
        *(([], True), (["gpu=0"], False), (["gpu=0", "gres=gpu:1"], True)),
        *((["gpu=1"], True), (["mem_mb=8"], True)),
    ],
)
def test_a_profile_may_do_without_gpus(asked: list[str], gpus: bool) -> None:
    resources = Resources.parse(asked, allow_expressions=True)  # as Snakemake reads a profile
    settings = SimpleNamespace(overwrite_resources={"train_torch": resources})
    assert asks_for_gpus(SimpleNamespace(resource_settings=settings)) is gpus
