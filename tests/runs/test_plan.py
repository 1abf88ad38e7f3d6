"""The plan of the whole paper: how many runs, who trains them, and in which jobs."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from lth_core.runs.plan import Plan
from lth_core.runs.run import Run, parents

CONFIG = Path(__file__).parents[2] / "config"
TABLE = {row["experiment"]: row for row in csv.DictReader((CONFIG / "paper/runs.csv").open())}
CHAIN = "lenet_continued_chain"


@pytest.fixture(scope="module")
def trained(paper: Plan) -> Counter[str]:
    """Number of runs that each experiment trains itself."""
    return Counter(run.experiment for job in paper.jobs.values() for run in job.runs)


def test_all_lenet_experiments_of_the_paper_are_there(paper: Plan) -> None:
    lenet = {name for name in paper.project.experiments if name.startswith("lenet")}
    assert lenet == {*TABLE, CHAIN}


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"lenet_continued"}))
def test_runs_of_an_experiment(name: str, paper: Plan) -> None:
    row, experiment = TABLE[name], paper.project.experiments[name]
    assert experiment.trials == int(row["trials"])
    assert len(experiment.round_range) == int(row["levels_per_trial"])
    assert experiment.replicates == int(row["runs_per_level"])
    assert len(list(paper.runs(name))) == int(row["runs"])


def test_runs_of_continued_training(paper: Plan, trained: Counter[str]) -> None:
    """The table counts the chain (27 further trainings a trial) and the 28 tickets as one."""
    tickets = len(list(paper.runs("lenet_continued")))
    assert trained[CHAIN] + tickets == int(TABLE["lenet_continued"]["runs"]) == 5 * (27 + 28)


def test_runs_that_are_shared(paper: Plan, trained: Counter[str]) -> None:
    """What is equal is trained once.

    The table's 3,687 runs of Appendix G are 3,339 without the four sweep points that equal
    another (4 x 87). Ours are fewer still: lenet_adamlr_0.0012 is lenet_imp itself (87),
    and pruning rates do not matter before the first pruning, so the four other points of
    lenet_rate share its dense runs (4 x 3).
    """
    shared = {
        name: len(list(paper.runs(name))) - trained[name]
        for name in [*TABLE, CHAIN]
        if len(list(paper.runs(name))) != trained[name]
    }
    assert shared == {
        "lenet_adamlr_0.0012": 87,
        "lenet_sgdlr_0.8": 87,
        "lenet_rate_0.2": 87,
        "lenet_initstd_glorot": 87,
        "lenet_size_300-100": 87,
        **{f"lenet_rate_{rate}": 3 for rate in ("0.1", "0.4", "0.6", "0.8")},
        # Both strategies begin with the same dense network, and prune it the same way once.
        CHAIN: 5,
        "lenet_continued": 5,
    }
    sweeps = [name for name, row in TABLE.items() if row["family"] == "lenet_appG"]
    assert sum(int(TABLE[name]["runs"]) for name in sweeps) == 3687
    assert sum(trained[name] for name in sweeps) == 3687 - 4 * 87 - 87 - 4 * 3


def test_the_first_experiment_trains_what_is_shared(paper: Plan) -> None:
    run = Run("lenet_rate_0.2", 7, 2, 0)
    assert paper.owner(run) == Run("lenet_imp", 7, 2, 0)
    assert paper.job(run).folder == PurePosixPath("lenet_imp/round_07/trial_2")
    assert paper.owner(Run("lenet_imp", 7, 4, 0)).experiment == "lenet_imp"


def test_every_run_has_one_job_that_comes_after_its_parents(paper: Plan) -> None:
    done: set[PurePosixPath] = set()

    def finish(folder: PurePosixPath, above: tuple[PurePosixPath, ...]) -> None:
        assert folder not in above, "jobs wait for each other"
        if folder not in done:
            for parent in paper.parent_jobs(paper.jobs[folder]):
                finish(parent.folder, (*above, folder))
            done.add(folder)

    for folder in paper.jobs:
        finish(folder, ())
    assert len({run for job in paper.jobs.values() for run in job.runs}) == sum(
        len(job.runs) for job in paper.jobs.values()
    )


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (Run("lenet_imp", 0, 1, 0), {}),
        (Run("lenet_imp", 5, 1, 0), {"trained": Run("lenet_imp", 4, 1, 0)}),
        (Run("lenet_imp_reinit", 5, 1, 2), {"ticket": Run("lenet_imp", 5, 1, 0)}),
        (Run("lenet_oneshot", 30, 1, 0), {"trained": Run("lenet_oneshot", 0, 1, 0)}),
        (Run("lenet_random", 5, 9, 0), {}),
        (Run("lenet_prune0", 5, 1, 0), {}),
        (Run(CHAIN, 5, 1, 0), {"trained": Run(CHAIN, 4, 1, 0)}),
        (Run("lenet_continued", 5, 1, 0), {"trained": Run(CHAIN, 4, 1, 0)}),
        (Run("lenet_noise_1.0", 5, 1, 0), {"ticket": Run("lenet_imp", 5, 1, 0)}),
    ],
)
def test_parents(run: Run, expected: dict[str, Run], paper: Plan) -> None:
    assert parents(run, paper.project) == expected


def test_a_specification_says_all_that_a_job_needs(paper: Plan) -> None:
    job = paper.jobs[PurePosixPath("lenet_imp_reinit/round_05/trial_1")]
    told = json.loads(paper.specification(job, "results/paper/runs"))
    assert told["engine"] == "sparse"
    assert told["round"] == 5 and told["seed"] == 0
    assert told["mask"] == {"source": "of"} and told["weights"] == {"source": "reinit"}
    ticket = {"folder": "results/paper/runs/lenet_imp/round_05/trial_1", "trial": 1, "replicate": 0}
    assert told["lanes"] == [{"trial": 1, "replicate": r, "ticket": ticket} for r in range(3)]


def test_a_specification_names_the_job_that_trains_a_shared_parent(paper: Plan) -> None:
    job = paper.jobs[PurePosixPath(f"{CHAIN}/round_01/trial_0")]
    (lane,) = json.loads(paper.specification(job, "runs"))["lanes"]
    assert lane["trained"]["folder"] == "runs/lenet_imp/round_00/trial_0"


@pytest.mark.parametrize(("size", "blocks"), [(1, 5), (2, 3), (5, 1), (100, 1)])
def test_trials_are_packed_into_jobs(
    size: int, blocks: int, paper: Plan, changed: Callable[..., Plan]
) -> None:
    packed = changed(trials_per_job=size)
    jobs = [job for job in packed.jobs.values() if (job.experiment, job.round) == ("lenet_imp", 3)]
    assert len(jobs) == blocks
    runs = [run for job in jobs for run in job.runs]
    assert runs == [Run("lenet_imp", 3, trial, 0) for trial in range(5)]
    assert jobs[0].lanes == ("trial_0" if size == 1 else f"trials_0-{min(size, 5) - 1}")
    assert sum(len(job.runs) for job in packed.jobs.values()) == sum(
        len(job.runs) for job in paper.jobs.values()
    )


def test_convolutions_are_trained_by_torch(changed: Callable[..., Plan]) -> None:
    conv = """conv:
  extends: lenet_imp
  architecture: conv2
  dataset: cifar10

lenet_random:"""
    plan = changed("experiments/lenet.yaml", "lenet_random:", conv)
    engines = {job.experiment: plan.engine(job) for job in plan.jobs.values()}
    assert (engines["conv"], engines["lenet_imp"]) == ("torch", "sparse")
