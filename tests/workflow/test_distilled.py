"""Distillation through the whole pipeline, and ended on the way."""

import json
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

pytestmark = [pytest.mark.slow, pytest.mark.long]

EXPERIMENTS = """
distilled:
  description: Tickets that learn from labels and their dense network.
  extends: net_imp
  arm:
    mask: {source: of, experiment: net_imp}
    weights: {source: original}
    distillation: {experiment: net_imp, alpha: 0.5, temperature: 2}
  rounds: 1-2
unlabelled:
  description: The same without labels.
  extends: distilled
  arm:
    mask: {source: of, experiment: net_imp}
    weights: {source: original}
    distillation: {experiment: net_imp, alpha: 0, temperature: 2}
"""
NAMES = ("distilled", "unlabelled")
RUN = "results/tiny/runs/distilled/round_01/trial_0"


@pytest.fixture(scope="module")
def trained(built: "Project", tmp_path_factory: pytest.TempPathFactory) -> "Project":
    """A copy of the project with both of them run."""
    project = built.copy_to(tmp_path_factory.mktemp("distilled"))
    project.sum_up("distilled", EXPERIMENTS, NAMES)
    return project


def test_nothing_is_stale(trained: "Project") -> None:
    assert trained.stale("fig91", "fig92") == set()
    targets = [f"results/tiny/tables/{name}/summary.parquet" for name in NAMES]
    assert trained.stale(*targets) == set()
    manifest = json.loads(trained.path(f"{RUN}/manifest.json").read_bytes())
    assert manifest["kind"] == "train_distilled"
    assert manifest["settings"]["distillation"] == {"alpha": 0.5, "temperature": 2}


def test_masks_are_the_tickets_and_weights_are_not(trained: "Project") -> None:
    masks, weights = (
        {name: trained.arrays(name, 1, what) for name in ("net_imp", *NAMES)}
        for what in ("masks", "weights")
    )
    for name, mask in masks["net_imp"].items():
        for distilled in NAMES:
            assert np.array_equal(masks[distilled][name], mask)
            assert (weights[distilled][name][~mask] == 0).all()
        assert not np.array_equal(weights["distilled"][name], weights["unlabelled"][name])


def test_a_job_that_is_ended_on_the_way_goes_on_bit_for_bit(
    trained: "Project", tmp_path: Path
) -> None:
    longer = EXPERIMENTS.replace(
        "extends: net_imp\n", "extends: net_imp\n  training: {iterations: 1000}\n"
    )
    whole, ended = (trained.copy_to(tmp_path / name) for name in ("whole", "ended"))
    for project in (whole, ended):
        project.write("config/experiments/distilled.yaml", longer)
    whole.run("--", f"{RUN}/manifest.json")
    process = ended.start("--", f"{RUN}/manifest.json", LTH_SAVE_SECONDS="0")
    while not ended.path(f"{RUN}/resume.safetensors").exists():
        assert process.poll() is None, "it should be training"
        time.sleep(0.02)
    children = psutil.Process(process.pid).children(recursive=True)
    job = next(c for c in children if "train_distilled" in c.cmdline()[1:4])
    job.send_signal(signal.SIGKILL)
    process.communicate()
    ended.run("--", f"{RUN}/manifest.json")
    log = ended.path("logs/tiny/runs/distilled/round_01/trial_0.log").read_text()
    assert "resuming after iteration" in log
    assert ended.files(RUN) == whole.files(RUN)
