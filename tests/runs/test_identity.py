"""What makes two runs the same run, and what makes results stale."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from lth_core.config.architecture import Architecture, LayerSpec
from lth_core.config.block import Block
from lth_core.config.dataset import Dataset
from lth_core.config.experiment import Initialisation
from lth_core.config.training import Training
from lth_core.networks.defaults import LAYERS, NETWORK
from lth_core.runs.plan import Plan
from lth_core.runs.run import Run
from lth_core.training.defaults import DATASET, INITIALISATION, TRAINING

ROOT = Path(__file__).parents[2]

LENET = "experiments/lenet.yaml"
APPENDIX_G = "experiments/lenet_appendix_g.yaml"


def identities(plan: Plan) -> dict[Run, str]:
    return {run: plan.identity(run) for name in plan.experiments for run in plan.runs(name)}


def differing(before: Plan, after: Plan) -> set[str]:
    """Return the experiments of which a run of `before` is another one in `after`."""
    new = identities(after)
    return {run.experiment for run, old in identities(before).items() if new.get(run) != old}


@pytest.mark.parametrize(
    ("run", "identity"),
    [
        (Run("lenet_imp", 0, 0, 0), "46cd63c9f16b"),
        (Run("lenet_imp", 28, 4, 0), "63ec94114964"),
        (Run("lenet_imp_reinit", 12, 3, 2), "47079ed3295c"),
        (Run("lenet_oneshot", 39, 0, 0), "72243e52889b"),
        (Run("lenet_random", 1, 9, 0), "c7b74a10b2f5"),
        (Run("lenet_continued", 28, 0, 0), "499ce7b3f043"),
        (Run("lenet_noise_3.0", 5, 1, 0), "98d101aeb3f8"),
        (Run("lenet_momlr_0.1", 2, 2, 0), "eaf0a4db43c9"),
        (Run("conv6_c10_imp", 30, 4, 0), "53153a889f4b"),
        (Run("conv4_dropout", 1, 0, 0), "a7bfe718b117"),
        (Run("resnet18_lr0.03_w20k", 15, 0, 0), "bad52d96cf14"),
        (Run("vgg19_lr0.1_w10k_random", 33, 2, 0), "cacedaa7195e"),
        (Run("v1_mnist_oneshot_ctl2", 4, 4, 2), "1e8d6fa7b87b"),
        (Run("v1_xor_dense_10", 0, 0, 0), "32ef5ec25e32"),
        (Run("v1_xor_iter_product", 4, 0, 0), "7b268730bdde"),
        (Run("v1_xor_oneshot_product", 2, 0, 0), "8c7710780986"),
    ],
)
def test_frozen(run: Run, identity: str, paper: Plan) -> None:
    """A change here means that everybody's results go stale: it has to be meant."""
    assert paper.identity(run)[:12] == identity


@pytest.mark.parametrize(
    ("defaults", "model"),
    [
        (DATASET, Dataset),
        (TRAINING, Training),
        (INITIALISATION, Initialisation),
        (NETWORK, Architecture),
    ],
)
def test_defaults_are_those_of_the_config(defaults: dict[str, Any], model: type[Block]) -> None:
    """Runs are hashed without what is at its default: if one changes, results have to go stale."""
    scale = {"examples"} if model is Dataset else set()
    assert {key: value for key, value in defaults.items() if key not in scale} == of(model)


def test_defaults_of_layers_are_those_of_the_config() -> None:
    members = get_args(get_args(LayerSpec)[0])
    expected = {
        name: of(model)
        for model in members
        for name in get_args(model.model_fields["type"].annotation)
        if of(model)
    }
    assert expected == LAYERS


def of(model: type[Block]) -> dict[str, Any]:
    """Return the keys of a model that have a default, and those; not what no run is told."""
    fields = model.model_fields.items()
    return {k: field.default for k, field in fields if not (field.is_required() or field.exclude)}


# Prints one digest of all that is planned, and another of all identities.
PLANNED = """
from pathlib import Path
from lth_core.config.load import load
from lth_core.provenance.manifest import digest
from lth_core.runs.plan import Plan
plan = Plan(load(Path("config"), {"scale": "quick"}))
print(digest({str(job.folder): plan.specification(job) for job in plan.jobs.values()}))
print(digest([plan.identity(run) for name in plan.experiments for run in plan.runs(name)]))
"""


def planned(folder: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", PLANNED],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_a_key_that_is_added_later_leaves_everything_as_it_is(tmp_path: Path) -> None:
    for name in ("config", "lth_core", "rules"):
        ignored = shutil.ignore_patterns("__pycache__", "paper")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "Snakefile", tmp_path)  # whose rules' names no figure may have
    model = tmp_path / "lth_core/config/training.py"
    text = model.read_text()
    before = "    drop_last: bool = Field(\n"
    assert text.count(before) == 1
    key = '    amsgrad: bool = Field(False, description="The greatest variance counts.")\n'
    model.write_text(text.replace(before, key + before))
    assert planned(tmp_path) == planned(ROOT)
    # It counts where it is used.
    lenet = tmp_path / "config/experiments/lenet.yaml"
    text = lenet.read_text()
    lenet.write_text(text.replace("optimizer: adam", "optimizer: adam\n    amsgrad: true", 1))
    assert planned(tmp_path) != planned(ROOT)


def test_one_learning_rate_changes_one_sweep_point(
    paper: Plan, changed: Callable[..., Plan]
) -> None:
    after = changed(APPENDIX_G, "{learning_rate: 0.002}", "{learning_rate: 0.0021}")
    assert differing(paper, after) == {"lenet_adamlr_0.002"}


def test_a_rate_changes_nothing_before_the_first_pruning(
    paper: Plan, changed: Callable[..., Plan]
) -> None:
    after = changed(APPENDIX_G, "{fc: 0.4, output: 0.2}", "{fc: 0.5, output: 0.25}")
    assert differing(paper, after) == {"lenet_rate_0.4"}
    old, new = identities(paper), identities(after)
    stale = {run.round for run in old if old[run] != new[run]}
    assert stale == set(range(1, 14))


def test_a_change_passes_on_to_all_that_starts_from_it(
    paper: Plan, changed: Callable[..., Plan]
) -> None:
    """lenet_random keeps its results: it starts from nothing of lenet_imp but its settings."""
    after = changed(
        LENET,
        "  replicates: 3\n\nlenet_oneshot:",
        "  replicates: 3\n  training: {beta1: 0.8}\n\nlenet_oneshot:",
    )
    assert differing(paper, after) == {
        "lenet_imp_reinit", "lenet_dm_reinit", "lenet_imp_reinit_between", "taoudi_reinit",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (LENET, "  trials: 10", "  trials: 12"),
        (LENET, "  rounds: 28\n", "  rounds: 30\n"),
        (LENET, "  rounds: 1-28\n  replicates: 3", "  rounds: 1-28\n  replicates: 4"),
        (LENET, "description: Iterative", "description: Another"),
        (LENET, "lenet_random:", "lenet_more:\n  extends: lenet_imp\n  seed: 5\n\nlenet_random:"),
        ("scales/quick.yaml", "rounds:", "# rounds:"),
    ],
    ids=["trial", "round", "replicate", "words", "experiment", "another scale"],
)
def test_more_runs_leave_the_others_as_they_are(
    file: str, old: str, new: str, paper: Plan, changed: Callable[..., Plan]
) -> None:
    assert differing(paper, changed(file, old, new)) == set()


@pytest.mark.parametrize(
    "settings", [{"trials_per_job": 5}, {"engine": "torch"}, {"data_root": "elsewhere"}]
)
def test_how_jobs_are_run_is_no_part_of_identity(
    settings: dict[str, object], paper: Plan, changed: Callable[..., Plan]
) -> None:
    assert differing(paper, changed(**settings)) == set()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (LENET, "iterations: 50000", "iterations: 40000"),
        (LENET, "batch_size: 60", "batch_size: 61"),
        (LENET, "learning_rate: 1.2e-3", "learning_rate: 1.3e-3"),
        (LENET, "  trials: 5\n", "  trials: 5\n  seed: 3\n"),
        (LENET, "  trials: 5\n", "  trials: 5\n  initialisation: {truncate: null}\n"),
        ("datasets/mnist.yaml", "scaling: unit", "scaling: l2"),
        ("datasets/mnist.yaml", "split_seed: 0", "split_seed: 1"),
        ("architectures/lenet_300_100.yaml", "units: 300", "units: 301"),
    ],
)
def test_every_setting_that_matters_is_part_of_identity(
    file: str, old: str, new: str, paper: Plan, changed: Callable[..., Plan]
) -> None:
    assert "lenet_imp" in differing(paper, changed(file, old, new))


def test_a_variant_of_a_data_set_is_what_its_settings_are(changed: Callable[..., Plan]) -> None:
    """The name of its file does not matter: equal settings share runs."""
    plan = changed("datasets/mnist_l2.yaml", "scaling: l2", "scaling: unit")
    assert plan.settings(Run("lenet_imp_l2", 1, 0, 0))["dataset"]["name"] == "mnist"
    assert plan.owner(Run("lenet_imp_l2", 1, 0, 0)) == Run("lenet_imp", 1, 0, 0)


def test_constants_that_another_optimiser_does_not_use_are_not_inherited(
    paper: Plan, changed: Callable[..., Plan]
) -> None:
    """Those with SGD keep their results when what they extend says more of Adam."""
    after = changed(LENET, "optimizer: adam", "optimizer: adam\n    beta1: 0.8")
    assert "lenet_imp" in (stale := differing(paper, after))
    assert not [name for name in stale if "sgd" in name or "mom" in name]


def test_trials_and_replicates_are_different_runs(paper: Plan) -> None:
    runs = list(paper.runs("lenet_imp_reinit", range(3, 5)))
    assert len({paper.identity(run) for run in runs}) == len(runs) == 2 * 5 * 3
