"""Whether plans at the paper's scale agree with the table of the paper's costs.

config/paper/compute.csv was made from the paper and knows nothing of this code. Where its
definitions differ from ours the difference is stated here, and tested.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from lth_core.costs.plan import families, finished, lines, select
from lth_core.costs.run import cost_of_run, evaluations, split_sizes
from lth_core.networks.cost import multiply_adds
from lth_core.runs.plan import Plan
from lth_core.runs.run import Run
from tests.projects import plan_at

CONFIG = Path(__file__).parents[2] / "config"
COSTS = CONFIG / "paper/compute.csv"
TABLE = {row["experiment"]: row for row in csv.DictReader(COSTS.open())}
XOR = {name for name in TABLE if name.startswith("v1_xor")}
# The table counts their further trainings and the tickets that they give as one experiment;
# the former are the experiment `..._chain`, whose dense runs are another's.
CHAINS = {name for name in TABLE if name.endswith(("_continued", "_noreset"))}
# The slides don't say which sizes; the table costs each at 300-100.
OTHER_SIZES = {name for name in TABLE if name.startswith("v1_mnist_size_")}
# Equal to an experiment before them, which the table has as another.
EQUAL = {"lenet_adamlr_0.0012", "v1_mnist_init_4", "v1_mnist_rate_0.2", "v1_mnist_size_3"}


@pytest.fixture(scope="module")
def paper() -> Plan:
    """The plan of the paper as published."""
    return plan_at("paper")


@pytest.fixture(scope="module")
def trained(paper: Plan) -> Counter[str]:
    """Number of runs that each experiment trains itself."""
    return Counter(run.experiment for job in paper.jobs.values() for run in job.runs)


def test_every_experiment_of_the_table_is_there(paper: Plan) -> None:
    project = paper.project
    assert set(TABLE) <= {*project.experiments, *project.xor.experiments}


@pytest.mark.parametrize("name", sorted(set(TABLE) - XOR))
def test_runs_and_flops(name: str, paper: Plan, trained: Counter[str]) -> None:
    row, settings = TABLE[name], paper.settings(next(paper.runs(name)))
    runs = len(list(paper.runs(name)))
    if name in CHAINS:
        runs += trained[f"{name}_chain"]
    assert runs == int(row["runs"])

    training, cost = settings["training"], cost_of_run(settings, {})
    assert training["iterations"] == int(row["iterations"])
    assert training["batch_size"] == int(row["batch"])
    if name not in OTHER_SIZES:
        assert multiply_adds(settings["network"]) == int(row["macs_per_example"])
        assert cost.training_flops == int(row["train_flops_per_run"])


@pytest.mark.parametrize("name", sorted(set(TABLE) - XOR - OTHER_SIZES))
def test_evaluations(name: str, paper: Plan) -> None:
    """The table leaves out the first evaluation, an uneven last one and the training set's."""
    settings = paper.settings(next(paper.runs(name)))
    sizes, training = split_sizes(settings["dataset"], {}), settings["training"]
    counted = training["iterations"] // training["evaluate_every"]
    more = (evaluations(training) - counted) * 15_000 + 2 * sizes["train"]
    ours = cost_of_run(settings, {}).evaluation_flops
    theirs = int(TABLE[name]["eval_flops_per_run"])
    assert ours == theirs + 2 * multiply_adds(settings["network"]) * more
    assert sizes["validation"] + sizes["test"] == 15_000


def test_the_table_shares_fewer_runs(paper: Plan, trained: Counter[str]) -> None:
    """What else is shared here: dense runs that rates cannot tell apart, and equal experiments."""
    unexpected = set()
    for name in set(TABLE) - XOR - CHAINS:
        experiment = paper.project.experiments[name]
        more = int(TABLE[name]["unique_runs"]) - trained[name]
        dense = [
            Run(name, 0, t, 0) for t in range(experiment.trials) if experiment.round_range[0] == 0
        ]
        shared = sum(paper.owner(run) != run for run in dense)
        if more not in (0, shared) and (name not in EQUAL or trained[name]):
            unexpected.add((name, more, shared))
    assert unexpected == set()


@pytest.mark.parametrize("name", sorted(XOR))
def test_xor(name: str, paper: Plan) -> None:
    row, project = TABLE[name], paper.project
    selection = select(paper, [name], families(COSTS, project))
    assert selection.asked[name] == int(row["runs"])
    assert len(list(paper.runs(name))) * project.xor.trials == int(row["runs"])
    for job in selection.jobs:
        assert job.cost.training_flops == job.cost.runs * int(row["train_flops_per_run"])
        assert job.cost.iterations == job.cost.runs * int(row["iterations"])


@pytest.mark.parametrize("family", sorted({row["family"] for row in TABLE.values()}))
def test_families(family: str, paper: Plan, tmp_path: Path) -> None:
    """A family asks for at least the table's runs, with what they start from."""
    project, names = paper.project, families(COSTS, paper.project)
    selection = select(paper, [family], names)
    runs = sum(int(row["runs"]) for row in TABLE.values() if row["family"] == family)
    chains = [name for name in CHAINS if TABLE[name]["family"] == family]
    asked = sum(selection.asked[name] for name, own in names.items() if own == family)
    dense = sum(project.experiments[f"{name}_chain"].trials for name in chains)
    assert asked == runs + dense
    assert finished(selection.jobs, tmp_path) == set()
    [done] = lines(selection, set(selection.jobs), {}, dict.fromkeys(names, "in all"))
    assert done.done == done.jobs == len(selection.jobs)
    assert done.seconds == 0
