"""What a change makes stale: exactly the jobs whose results it could change."""

import ast
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as parquet
import pytest
from safetensors.numpy import load_file

from tests.damage import DAMAGE

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

FIGURES = ("fig91", "fig92")
DRAWINGS = {"Drawing fig91", "Drawing fig92"}
TABLES = {
    f"Summing up {name}" for name in ("net_imp", "net_reinit", "net_rate_same", "net_rate_other")
}
EXPERIMENTS = "config/experiments/net.yaml"
LOOP = "lth_core/training/loop.py"
KERNEL = "lth_core/training/sparse/kernel.c"


def trainings(experiment: str, rounds: range, *trials: int) -> set[str]:
    return {f"Training {experiment}, round {r:02d}, trial_{t}" for r in rounds for t in trials}


IMP = trainings("net_imp", range(3), 0, 1)
REINIT = trainings("net_reinit", range(1, 3), 0)
OTHER = trainings("net_rate_other", range(3), 0)
EVERYTHING = IMP | REINIT | OTHER | TABLES | DRAWINGS


def test_all_runs_are_new_at_first_and_equal_ones_are_trained_once(fresh: "Project") -> None:
    assert fresh.stale(*FIGURES) == EVERYTHING  # none of net_rate_same


def test_nothing_is_stale_after_a_build(built: "Project") -> None:
    assert built.stale(*FIGURES) == set()


def test_what_changes_no_code_or_setting_makes_nothing_stale(project: "Project") -> None:
    project.path("lth_core/training/order.py").touch()
    text = project.path(LOOP).read_text()
    assert text.startswith('"""')
    reformatted = ast.unparse(ast.parse(text)).replace('"""', '"""Other words. ', 1)
    project.write(LOOP, f"# Why.\n{reformatted}")
    project.write(KERNEL, f"// Why.\n\n/* How. */\n{project.path(KERNEL).read_text()}")
    project.edit(EXPERIMENTS, "# The experiments of", "# All experiments of")
    project.edit(EXPERIMENTS, "learning_rate: 0.0012", "learning_rate: 1.20e-3")
    project.edit("config/config.yaml", "scale: tiny", "# Why.\nscale:   tiny")
    assert project.stale(*FIGURES) == set()


@pytest.mark.parametrize(("file", "code"), [(LOOP, "MORE = 1\n"), (KERNEL, "int more;\n")])
def test_training_code_makes_all_training_stale(project: "Project", file: str, code: str) -> None:
    project.append(file, code)
    assert project.stale(*FIGURES) == EVERYTHING


def test_drawing_code_makes_its_own_figures_stale(project: "Project") -> None:
    project.append("lth_core/figures/learning_curves.py", "MORE = 1\n")
    assert project.stale(*FIGURES) == set()
    project.append("lth_core/figures/pruning_curves.py", "MORE = 1\n")
    assert project.stale(*FIGURES) == DRAWINGS


def test_a_notebook_makes_its_figures_stale(project: "Project") -> None:
    project.append("notebooks/pruning_curves.ipynb", "\n")
    assert project.stale(*FIGURES) == DRAWINGS


def test_a_new_architecture_runs_only_its_own_experiment(project: "Project") -> None:
    wide = "input: [784]\nlayers: [{type: dense, units: 30}]\nclasses: 10\n"
    project.write("config/architectures/wide.yaml", wide)
    experiment = "wide_imp: {description: Wide., extends: net_imp, architecture: wide, rounds: 1}\n"
    project.write("config/experiments/wide.yaml", experiment)
    project.add_figure("fig93", "net_imp", "wide_imp")
    new_jobs = trainings("wide_imp", range(2), 0, 1)
    assert project.stale(*FIGURES, "fig93") == new_jobs | {"Summing up wide_imp", "Drawing fig93"}


def test_a_learning_rate_makes_its_point_of_the_sweep_stale(project: "Project") -> None:
    project.edit(EXPERIMENTS, "learning_rate: 0.002", "learning_rate: 0.003")
    expected = OTHER | {"Summing up net_rate_other", "Drawing fig92"}
    assert project.stale(*FIGURES) == expected


def test_a_pruning_rate_leaves_the_dense_round_alone(project: "Project") -> None:
    other = "other: {training: {learning_rate: 0.002}"
    project.edit(EXPERIMENTS, other, f"{other}, pruning: {{fc: 0.3}}")
    expected = trainings("net_rate_other", range(1, 3), 0)
    assert project.stale(*FIGURES) == expected | {"Summing up net_rate_other", "Drawing fig92"}


def test_one_more_round_runs_only_that_round(project: "Project") -> None:
    other = "other: {training: {learning_rate: 0.002}"
    project.edit(EXPERIMENTS, other, f"{other}, rounds: 3")
    expected = trainings("net_rate_other", range(3, 4), 0)
    assert project.stale(*FIGURES) == expected | {"Summing up net_rate_other", "Drawing fig92"}


def test_one_more_trial_runs_only_that_trial(project: "Project") -> None:
    other = "other: {training: {learning_rate: 0.002}"
    project.edit(EXPERIMENTS, other, f"{other}, trials: 2")
    expected = trainings("net_rate_other", range(3), 1)
    assert project.stale(*FIGURES) == expected | {"Summing up net_rate_other", "Drawing fig92"}


def test_a_deleted_round_is_made_again_with_what_descends_from_it(project: "Project") -> None:
    shutil.rmtree(project.path("results/tiny/runs/net_imp/round_01/trial_0"))
    # net_reinit takes the masks of net_imp over; net_rate_same shares its trial 0.
    runs = trainings("net_imp", range(1, 3), 0) | trainings("net_reinit", range(1, 3), 0)
    tables = TABLES - {"Summing up net_rate_other"}
    assert project.stale(*FIGURES) == runs | tables | DRAWINGS


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cut off", "'{}'", "without inputs", "outputs is []"])
def test_a_damaged_manifest_is_made_again(project: "Project", how: str) -> None:
    path = project.path("results/tiny/runs/net_imp/round_02/trial_0/manifest.json")
    before = path.read_bytes()
    path.write_bytes(DAMAGE[how](before))
    assert "Training net_imp, round 02, trial_0" in project.stale("fig91")
    project.run("fig91")
    assert path.read_bytes() == before
    assert project.stale("fig91") == set()


def test_settings_without_sense_are_no_obstacle(project: "Project") -> None:
    path = project.path("results/tiny/runs/net_imp/round_02/trial_0/manifest.json")
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps(content | {"settings": {"lanes": [1]}}))
    assert "Training net_imp, round 02, trial_0" in project.stale("fig91")


@pytest.mark.slow
@pytest.mark.long
def test_results_without_their_manifests_are_made_again(project: "Project") -> None:
    manifests = [
        "results/data/mnist.manifest.json",
        "results/tiny/runs/net_imp/round_01/trial_0/manifest.json",
        "results/tiny/tables/net_rate_other/manifest.json",
    ]
    before = [project.path(manifest).read_bytes() for manifest in manifests]
    for manifest in manifests:
        project.path(manifest).unlink()
    stale = project.stale(*FIGURES)
    assert stale >= {
        "Fetching and verifying mnist",
        "Training net_imp, round 01, trial_0",
        "Summing up net_rate_other",
    }
    project.run(*FIGURES)
    assert [project.path(manifest).read_bytes() for manifest in manifests] == before
    assert project.stale(*FIGURES) == set()


def test_packing_trials_into_jobs_changes_no_result(built: "Project", fresh: "Project") -> None:
    folder = "results/tiny/runs/net_imp"
    fresh.run("--config", "trials_per_job=2", "--", f"{folder}/round_02/trials_0-1/manifest.json")
    for number in range(3):
        packed, metrics = _job(fresh.path(f"{folder}/round_{number:02d}/trials_0-1"))
        for trial in range(2):
            alone, rows = _job(built.path(f"{folder}/round_{number:02d}/trial_{trial}"))
            names = [name for name in packed if name.startswith(f"trial{trial}/")]
            assert sorted(alone) == sorted(names)
            for name in names:
                np.testing.assert_array_equal(alone[name], packed[name])
            assert rows == [row for row in metrics if row["trial"] == trial]


def _job(folder: Path) -> tuple[dict[str, np.ndarray], list[dict[str, Any]]]:
    """Return weights and masks, and the rows of the metrics, of a training job."""
    rows = parquet.read_table(folder / "metrics.parquet").to_pylist()
    weights, masks = (load_file(folder / f"{kind}.safetensors") for kind in ("weights", "masks"))
    return weights | {f"{name}/mask": mask for name, mask in masks.items()}, rows


def test_a_queued_job_is_done_as_it_was_planned_or_not_at_all(project: "Project") -> None:
    """A summary that looks at edited files meanwhile plans other jobs."""
    project.path("results/tiny/figures/fig91.manifest.json").unlink()
    project.run("--summary", "--", "fig91")
    planned = project.run("-np", "--", "fig91")
    command = re.search(r"python -m lth_core.jobs figure .*", planned)
    assert command
    project.append("lth_core/figures/pruning_curves.py", "\nprint()\n")
    project.run("--summary", "--", "fig91")
    environment = {**os.environ, "PYTHONPATH": str(project.folder)}
    call = ["bash", "-c", command[0]]
    assert subprocess.run(call, cwd=project.folder, env=environment, check=False).returncode != 0
    log = project.path("logs/tiny/figures/fig91.log").read_text()
    assert "has changed since Snakemake planned this job" in log
    assert not project.path("results/tiny/figures/fig91.manifest.json").exists()
