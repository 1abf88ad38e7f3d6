"""Pruning while training, through the whole pipeline, and killed on the way."""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import psutil  # type: ignore[import-untyped]
import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

pytestmark = [pytest.mark.slow, pytest.mark.long]

EXPERIMENTS = """
gradual:
  description: Networks pruned while they train.
  extends: net_imp
  arm:
    mask: {source: gradual, schedule: cubic, end: 0.5, steps: 4}
    weights: {source: original}
gradual_ticket:
  description: Their masks, reset and trained.
  extends: net_imp
  arm: {mask: {source: of, experiment: gradual}, weights: {source: original}}
  rounds: 1-2
at_once:
  description: All pruned at the last iteration.
  extends: net_imp
  pruning: {fc: 0.2, output: 0.2}
  arm:
    mask: {source: gradual, schedule: constant, end: 1.0, steps: 1}
    weights: {source: original}
  rounds: 0-1
oneshot:
  description: As many pruned after training.
  extends: at_once
  arm: {mask: {source: oneshot, shares: [0.2]}, weights: {source: original}}
"""
NAMES = ("gradual", "gradual_ticket", "at_once", "oneshot")
RUN = "results/tiny/runs/gradual/round_01/trial_0"


@pytest.fixture(scope="module")
def trained(built: "Project", tmp_path_factory: pytest.TempPathFactory) -> "Project":
    """A copy of the project with all of them run."""
    project = built.copy_to(tmp_path_factory.mktemp("gradual"))
    project.sum_up("gradual", EXPERIMENTS, NAMES)
    return project


def test_nothing_is_stale_and_dense_networks_are_shared(trained: "Project") -> None:
    assert trained.stale("fig91", "fig92") == set()
    targets = [f"results/tiny/tables/{name}/summary.parquet" for name in NAMES]
    assert trained.stale(*targets) == set()
    for name in NAMES:
        assert not trained.path(f"results/tiny/runs/{name}/round_00").exists()
    manifest = json.loads(trained.path(f"{RUN}/manifest.json").read_bytes())
    assert manifest["kind"] == "train_gradual"


def test_sizes_are_those_of_iterative_pruning(trained: "Project") -> None:
    sizes = {}
    for name in ("net_imp", "gradual", "gradual_ticket"):
        table = pd.read_parquet(trained.path(f"results/tiny/tables/{name}/summary.parquet"))
        table = table[table["round"] > 0]
        sizes[name] = table.groupby("round")["weights_remaining"].unique().map(list).to_dict()
    assert sizes["gradual"] == sizes["gradual_ticket"] == sizes["net_imp"]


def test_masks_are_those_of_the_weights_and_of_the_tickets(trained: "Project") -> None:
    masks, weights = (trained.arrays("gradual", 2, what) for what in ("masks", "weights"))
    ticket = trained.arrays("gradual_ticket", 2, "masks")
    other = trained.arrays("net_imp", 2, "masks")
    for name, mask in masks.items():
        assert (weights[name] != 0).sum() == mask.sum() == other[name].sum()
        assert (weights[name][~mask] == 0).all()
        assert np.array_equal(mask, ticket[name]) and not np.array_equal(mask, other[name])


def test_all_at_the_last_iteration_is_one_shot_pruning_bit_for_bit(trained: "Project") -> None:
    ours, theirs = (trained.arrays(name, 1, "masks") for name in ("at_once", "oneshot"))
    assert all(np.array_equal(mask, theirs[name]) for name, mask in ours.items())
    pruned, dense = (
        trained.arrays("at_once", 1, "weights"),
        trained.arrays("net_imp", 0, "weights"),
    )
    for name, mask in ours.items():
        assert np.array_equal(pruned[name], np.where(mask, dense[name], 0))


def training_jobs(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    children = psutil.Process(process.pid).children(recursive=True)
    return [c for c in children if "train_gradual" in c.cmdline()[1:4]]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda s: s.name)
def test_a_job_that_is_ended_on_the_way_goes_on_bit_for_bit(
    trained: "Project", unbuilt: "Project", tmp_path: Path, number: signal.Signals
) -> None:
    longer = EXPERIMENTS.replace(
        "extends: net_imp\n  arm:\n    mask: {source: gradual, schedule: cubic",
        "extends: net_imp\n  training: {iterations: 5000}\n  arm:\n"
        "    mask: {source: gradual, schedule: cubic",
    )
    assert longer != EXPERIMENTS
    projects = []
    for name in ("whole", "ended"):
        project = unbuilt.copy_to(tmp_path / name)
        project.write("config/experiments/gradual.yaml", longer)
        projects.append(project)
    whole, ended = projects
    whole.run(f"{RUN}/manifest.json")

    process = ended.start(f"{RUN}/manifest.json", LTH_SAVE_SECONDS="0")
    while not ended.path(f"{RUN}/resume.safetensors").exists():
        assert process.poll() is None, "it should be training"
        time.sleep(0.02)
    training_jobs(process)[0].send_signal(number)
    output, _ = process.communicate()
    assert process.returncode != 0 and not ended.path(f"{RUN}/manifest.json").exists()
    if number is signal.SIGTERM:
        assert "asked to stop; saved after iteration" in output
    ended.run(f"{RUN}/manifest.json")
    log = ended.path("logs/tiny/runs/gradual/round_01/trial_0.log").read_text()
    assert "resuming after iteration" in log
    assert ended.files(RUN) == whole.files(RUN)
