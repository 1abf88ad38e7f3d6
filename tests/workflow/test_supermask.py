"""Supermasks, through the whole pipeline."""

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

pytestmark = [pytest.mark.slow, pytest.mark.long]

EXPERIMENTS = """
supermask:
  description: Signed supermasks.
  extends: net_imp
  training: {optimizer: momentum, learning_rate: 0.05, iterations: 300}
  arm:
    mask: {source: supermask, form: signed, decay: 0.005}
    weights: {source: redistributed, distribution: binary}
  rounds: 0
supermask_binary:
  description: Binary supermasks.
  extends: supermask
  training: {optimizer: sgd, learning_rate: 50}
  arm: {mask: {source: supermask, form: binary}, weights: {source: original}}
supermask_ticket:
  description: The tickets of the signed ones, reset and trained.
  extends: net_imp
  arm: {mask: {source: of, experiment: supermask}, weights: {source: original}}
  rounds: 0
"""
NAMES = ("supermask", "supermask_binary", "supermask_ticket")
RUN = "results/tiny/runs/supermask/round_00/trial_0"


@pytest.fixture(scope="module")
def trained(built: "Project", tmp_path_factory: pytest.TempPathFactory) -> "Project":
    """A copy of the project with all of them run."""
    project = built.copy_to(tmp_path_factory.mktemp("supermask"))
    project.sum_up("supermask", EXPERIMENTS, NAMES)
    return project


def test_nothing_is_stale(trained: "Project") -> None:
    targets = [f"results/tiny/tables/{name}/summary.parquet" for name in NAMES]
    assert trained.stale(*targets, "fig91", "fig92") == set()
    manifest = json.loads(trained.path(f"{RUN}/manifest.json").read_bytes())
    assert manifest["kind"] == "train_supermask"
    assert manifest["thresholds"][0].keys() == {"fc1.weight", "fc2.weight", "output.weight"}


def test_the_size_is_that_of_the_mask_at_the_end_and_the_ticket_has_it(trained: "Project") -> None:
    for name in NAMES:
        table = pd.read_parquet(trained.path(f"results/tiny/tables/{name}/summary.parquet"))
        remaining = table.set_index("trial").loc[0, "weights_remaining"]
        masks, weights = (trained.arrays(name, 0, what) for what in ("masks", "weights"))
        assert remaining == sum(mask.sum() for mask in masks.values())
        assert 0 < remaining < sum(mask.size for mask in masks.values())
        assert all((weights[key][~mask] == 0).all() for key, mask in masks.items())
        assert not (weights["fc1.bias"].any() and name != "supermask_ticket")
    signed, ticket = (trained.arrays(name, 0, "masks") for name in (NAMES[0], NAMES[2]))
    assert all(np.array_equal(mask, ticket[key]) for key, mask in signed.items())


def test_the_same_run_again_has_the_same_bits(trained: "Project") -> None:
    before = trained.files(RUN)
    trained.path(f"{RUN}/manifest.json").unlink()
    trained.run(f"{RUN}/manifest.json")
    assert trained.files(RUN) == before
