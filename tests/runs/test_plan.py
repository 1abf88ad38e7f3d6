"""The plan of the whole paper: how many runs, who trains them, and in which jobs."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
import yaml

from lth_core.config.experiment_files import read_raw
from lth_core.runs.plan import Plan
from lth_core.runs.run import Run

CONFIG = Path(__file__).parents[2] / "config"
# What the papers' experiments come to, counted from their texts and figures. XOR has no plan:
# all its networks are one job.
TABLE = {
    row["experiment"]: row
    for row in csv.DictReader((CONFIG / "paper/compute.csv").open())
    if row["family"] != "v1_xor"
}
CHAIN = "lenet_continued_chain"
# One row of the table is two experiments here: the chain that makes the masks, and the tickets.
CHAINS = {
    "lenet_continued": CHAIN,
    "conv2_continued": "conv2_continued_chain",
    "conv4_continued": "conv4_continued_chain",
    "conv6_continued": "conv6_continued_chain",
    "v1_mnist_noreset": "v1_mnist_noreset_chain",
}


# Of this project: what the paper leaves open, changed.
OURS = {
    name
    for file in ("lenet_unknowns", "lenet_ticket")
    for name in yaml.safe_load((CONFIG / f"experiments/{file}.yaml").read_text())
}
# Of other systems.
PEERS = {
    name
    for name, entry in read_raw(CONFIG / "experiments").items()
    if entry.file.name.startswith("peers_")
}


@pytest.fixture(scope="module")
def trained(paper: Plan) -> Counter[str]:
    """Number of runs that each experiment of the papers trains itself."""
    runs = (run for job in paper.jobs.values() for run in job.runs)
    ours = {*OURS, *PEERS, *paper.project.xor.experiments}
    return Counter(run.experiment for run in runs if run.experiment not in ours)


def test_all_experiments_of_both_papers_are_there_and_ours(paper: Plan) -> None:
    assert set(paper.project.experiments) == {*TABLE, *CHAINS.values(), *OURS, *PEERS}
    assert not OURS & set(TABLE)


@pytest.mark.parametrize("name", sorted(set(TABLE) - set(CHAINS)))
def test_runs_of_an_experiment(name: str, paper: Plan) -> None:
    row, experiment = TABLE[name], paper.project.experiments[name]
    assert experiment.trials == int(row["trials"])
    assert len(experiment.round_range) == int(row["levels_per_trial"])
    assert experiment.replicates == int(row["runs_per_level"])
    assert len(list(paper.runs(name))) == int(row["runs"])


@pytest.mark.parametrize("name", CHAINS)
def test_runs_of_continued_training(name: str, paper: Plan, trained: Counter[str]) -> None:
    """The table counts the further trainings and the tickets, but not the chain's dense runs."""
    row, tickets = TABLE[name], paper.project.experiments[name]
    assert trained[CHAINS[name]] + len(list(paper.runs(name))) == int(row["runs"])
    assert tickets.trials == int(row["trials"])
    assert 2 * len(tickets.round_range) - 1 == int(row["levels_per_trial"])


# What the plan shares beyond the table, by family: runs, by experiment.
SHARED = {
    "lenet_main": {
        # Both strategies begin with the same dense network, and prune it the same way once.
        # (The chain's dense runs are not in the table.)
        "lenet_continued": 5,
    },
    "lenet_appF": {},
    "lenet_appG": {
        # It is lenet_imp itself; the table has it train what the other sweeps share.
        "lenet_adamlr_0.0012": 87,
        # Rates do not matter before the first pruning: these share the dense runs.
        **{f"lenet_rate_{rate}": 3 for rate in ("0.1", "0.4", "0.6", "0.8")},
    },
    "conv_main": {
        **{f"conv{n}_continued": 5 for n in (2, 4, 6)},
        # Dense runs again, and below.
        "conv6_c10_imp": 5,
    },
    "conv_dropout": {},
    "conv_appH": {
        **{f"conv{n}_convrate_{rate}": 3 for n in (2, 4) for rate in ("0.05", "0.15")},
        **{f"conv{n}_convrate_{rate}": 3 for n in (2, 4, 6) for rate in ("0.2", "0.25", "0.3")},
        **{f"conv{n}_{kind}only": 3 for n in (2, 4, 6) for kind in ("conv", "fc")},
    },
    "resnet18": {f"resnet18_{rate}_lw": 3 for rate in ("lr0.1", "lr0.01", "lr0.03_w20k")},
    "resnet18_appI": {},
    "vgg19": {f"vgg19_{rate}_lw": 3 for rate in ("lr0.1", "lr0.01", "lr0.1_w10k")},
    "vgg19_appI": {},
    "v1_mnist": {
        # One-shot pruning starts from the same dense runs as iterative pruning: unlike for v5,
        # nothing says otherwise.
        "v1_mnist_oneshot": 5,
        "v1_mnist_noreset": 5,
        # The points of the sweeps that are v1_mnist_iter itself. The table leaves their values
        # open.
        **dict.fromkeys(("v1_mnist_init_4", "v1_mnist_size_3", "v1_mnist_rate_0.2"), 63),
        **{f"v1_mnist_rate_{rate}": 3 for rate in ("0.1", "0.4", "0.6", "0.8")},
    },
}


@pytest.mark.parametrize("family", SHARED)
def test_what_is_equal_is_trained_once(family: str, trained: Counter[str]) -> None:
    rows = {name: row for name, row in TABLE.items() if row["family"] == family}
    ours = {name: trained[name] + trained[CHAINS.get(name, "")] for name in rows}
    theirs = {name: int(row["unique_runs"]) for name, row in rows.items()}
    fewer = {name: theirs[name] - ours[name] for name in rows if ours[name] != theirs[name]}
    assert fewer == SHARED[family]


def test_every_family_is_compared() -> None:
    assert set(SHARED) == {row["family"] for row in TABLE.values()}


def test_runs_of_everything(paper: Plan, trained: Counter[str]) -> None:
    """The table's 26,024 runs without XOR are 23,990 without its own shared ones."""
    assert sum(int(row["runs"]) for row in TABLE.values()) == 26_024
    assert sum(int(row["unique_runs"]) for row in TABLE.values()) == 23_990
    assert trained.total() == 23_990 - sum(sum(names.values()) for names in SHARED.values())


def test_another_seed_shares_its_dense_runs_with_one_shot_pruning(paper: Plan) -> None:
    run = Run("lenet_imp_seed1", 0, 2, 0)
    assert paper.owner(run) == Run("lenet_oneshot", 0, 2, 0)
    assert paper.owner(run._replace(round=1)) == run._replace(round=1)


def test_the_first_experiment_trains_what_is_shared(paper: Plan) -> None:
    run = Run("lenet_rate_0.2", 7, 2, 0)
    assert paper.owner(run) == Run("lenet_imp", 7, 2, 0)
    assert paper.job(run).folder == PurePosixPath("lenet_imp/round_07/trial_2")
    assert paper.owner(Run("lenet_imp", 7, 4, 0)).experiment == "lenet_imp"
    # Equal tickets, reinitialised alike.
    run = Run("resnet18_lrsweep_0.1_reinit", 4, 2, 0)
    assert paper.owner(run) == run._replace(experiment="resnet18_lr0.1_reinit")


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
        (Run("v1_mnist_iter_ctl2", 5, 1, 2), {"ticket": Run("v1_mnist_iter", 5, 1, 0)}),
        (
            Run("vgg19_lrsweep_0.02_reinit", 33, 2, 0),
            {"ticket": Run("vgg19_lrsweep_0.02", 33, 2, 0)},
        ),
    ],
)
def test_parents(run: Run, expected: dict[str, Run], paper: Plan) -> None:
    assert {role: parent.run for role, parent in paper.parents(run).items()} == expected


@pytest.mark.parametrize(
    ("run", "files"),
    [
        (Run("lenet_imp", 5, 1, 0), {"trained": ("weights.safetensors", "masks.safetensors")}),
        (Run("lenet_imp_reinit", 5, 1, 2), {"ticket": ("masks.safetensors",)}),
    ],
)
def test_no_more_is_read_of_a_parent_than_is_needed(
    run: Run, files: dict[str, tuple[str, ...]], paper: Plan
) -> None:
    assert {role: parent.files for role, parent in paper.parents(run).items()} == files


def test_a_specification_says_all_that_a_job_needs(paper: Plan) -> None:
    job = paper.jobs[PurePosixPath("lenet_imp_reinit/round_05/trial_1")]
    told = paper.specification(job)
    assert told["engine"] == "sparse"
    assert told["round"] == 5 and told["seed"] == 0
    assert told["mask"] == {"source": "of"} and told["weights"] == {"source": "reinit"}
    folder = "results/paper/runs/lenet_imp/round_05/trial_1"
    ticket = {"folder": folder, "trial": 1, "replicate": 0}
    assert told["lanes"] == [
        {
            "trial": 1,
            "replicate": replicate,
            "run": paper.identity(Run("lenet_imp_reinit", 5, 1, replicate)),
            "parents": {"ticket": ticket},
        }
        for replicate in range(3)
    ]
    assert told["reads"] == {
        "results/data/mnist.manifest.json": ["mnist.safetensors"],
        f"{folder}/manifest.json": ["masks.safetensors"],
    }


def test_a_specification_names_the_job_that_trains_a_shared_parent(paper: Plan) -> None:
    job = paper.jobs[PurePosixPath(f"{CHAIN}/round_01/trial_0")]
    (lane,) = paper.specification(job)["lanes"]
    folder = "results/paper/runs/lenet_imp/round_00/trial_0"
    assert lane["parents"]["trained"]["folder"] == folder


@pytest.mark.parametrize(("size", "blocks"), [(1, 5), (2, 3), (5, 1), (100, 1)])
def test_trials_are_packed_into_jobs(
    size: int, blocks: int, paper: Plan, changed: Callable[..., Plan]
) -> None:
    packed = changed(trials_per_job=size)
    jobs = [job for job in packed.jobs.values() if (job.experiment, job.round) == ("lenet_imp", 3)]
    assert len(jobs) == blocks
    runs = [run for job in jobs for run in job.runs]
    assert runs == [Run("lenet_imp", 3, trial, 0) for trial in range(5)]
    assert jobs[0].folder.name == ("trial_0" if size == 1 else f"trials_0-{min(size, 5) - 1}")
    assert sum(len(job.runs) for job in packed.jobs.values()) == sum(
        len(job.runs) for job in paper.jobs.values()
    )


def test_the_sparse_engine_trains_all_but_what_needs_another_loss_or_mask(paper: Plan) -> None:
    others = {"lenet_distilled", "lenet_distilled_unlabelled"}
    others |= {"lenet_supermask", "lenet_supermask_binary"}
    assert {name for name in paper.experiments if paper.engine(name) == "torch"} == others
