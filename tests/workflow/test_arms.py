"""Arms at their limits, through the whole pipeline: runs that are only evaluated, layers of a kind
that compete, and sources that read many other runs."""

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

pytestmark = pytest.mark.slow

RUNS = "results/tiny/runs"
EXPERIMENTS = """
net_zero:
  description: Pruned again and again without training.
  extends: net_imp
  training: {iterations: 0}
  pruning: {scope: kind}
  trials: 1

net_many:
  description: Starts from four other runs.
  extends: net_imp
  arm:
    mask: {source: agreed, other: net_rate_other}
    weights: {source: borrowed, lender: net_zero}
  trials: 1
"""
# Reads three runs: two of its own experiment, and one of another.
MASK_SOURCE = '''\
"""What is large in the round before, and small in no other."""

from typing import Literal

from pydantic import Field

from lth_core.arms.source import MASKS, WEIGHTS, MaskSettings, Parent


class Settings(MaskSettings):
    """Weights that are large in the round before, of those that two others keep."""

    source: Literal["agreed"]
    other: str = Field(description="Another experiment.")

    @property
    def experiments(self):
        """That one."""
        return {"other": self.other}

    def parents(self, round_):
        """Return the dense run, the run before, and that of the other experiment."""
        if round_ == 0:
            return {}
        return {
            "dense": Parent(None, 0, (WEIGHTS,)),
            "before": Parent(None, round_ - 1, (MASKS,)),
            "other": Parent(self.other, round_, (MASKS,)),
        }


def masks(settings, inputs):
    """Return what the other and the round before keep."""
    dense, before, other = (inputs.parents[role] for role in ("dense", "before", "other"))
    assert all(dense.weights[name].any() for name in before.masks)
    return {name: kept & other.masks[name] for name, kept in before.masks.items()}
'''
WEIGHT_SOURCE = '''\
"""Weights of another experiment."""

from typing import Literal

from pydantic import Field

from lth_core.arms.source import WEIGHTS, Parent, WeightSettings


class Settings(WeightSettings):
    """The trained weights of the same round of another experiment."""

    source: Literal["borrowed"]
    lender: str = Field(description="That experiment.")

    @property
    def experiments(self):
        """The lender."""
        return {"lender": self.lender}

    def parents(self, round_):
        """Return its run."""
        return {"lender": Parent(self.lender, round_, (WEIGHTS,))}


def weights(settings, inputs):
    """Return what the lender has."""
    return inputs.parents["lender"].weights
'''


@pytest.fixture(scope="module")
def arms(built: "Project", tmp_path_factory: pytest.TempPathFactory) -> "Project":
    """A copy of the project with a figure of both experiments, built."""
    folder = tmp_path_factory.mktemp("arms")
    project = built.copy_to(folder)
    project.write("lth_core/arms/masks/agreed.py", MASK_SOURCE)
    project.write("lth_core/arms/weights/borrowed.py", WEIGHT_SOURCE)
    project.append("config/experiments/net.yaml", EXPERIMENTS)
    project.add_figure("fig93", "net_zero", "net_many")
    project.run("fig93")
    return project


def test_a_run_without_training_is_evaluated(arms: "Project") -> None:
    for round_ in range(3):
        folder = arms.path(f"{RUNS}/net_zero/round_{round_:02d}/trial_0")
        assert {path.name for path in folder.iterdir()} == {
            *("weights.safetensors", "masks.safetensors", "metrics.parquet"),
            *("manifest.json", "context.json"),
        }
        metrics = pd.read_parquet(folder / "metrics.parquet")
        assert list(metrics["iteration"]) == [0, 0, 0]
        assert sorted(metrics["split"]) == ["test", "train", "validation"]
    summary = pd.read_parquet(arms.path("results/tiny/tables/net_zero/summary.parquet"))
    assert summary["early_stop_iteration"].tolist() == [0, 0, 0]
    drawn = pd.read_csv(arms.path("results/tiny/figures/fig93.csv"))
    assert drawn.groupby("series").size().to_dict() == {"net_zero": 3, "net_many": 3}


def test_layers_of_a_kind_compete(arms: "Project") -> None:
    first, second, output = 784 * 20, 20 * 10, 10 * 10
    for round_ in range(3):
        folder = arms.path(f"{RUNS}/net_zero/round_{round_:02d}/trial_0")
        masks = load_file(folder / "masks.safetensors")
        kept = {name.rpartition("/")[2]: int(mask.sum()) for name, mask in masks.items()}
        assert kept["output.weight"] == round(output * 0.9**round_)
        hidden = kept["fc1.weight"] + kept["fc2.weight"]
        assert hidden == round((first + second) * 0.8**round_)
        # fc2 has larger initial weights, and so loses less.
        assert (kept["fc2.weight"] > second * 0.8**round_) == (round_ > 0)


def test_a_run_may_start_from_any_number_of_others(arms: "Project") -> None:
    folder = f"{RUNS}/net_many/round_02/trial_0"
    told = json.loads(arms.path(f"{folder}/manifest.json").read_text())["settings"]
    weights, masks = ["weights.safetensors"], ["masks.safetensors"]
    assert told["reads"] == {
        "results/data/mnist.manifest.json": ["mnist.safetensors"],
        f"{RUNS}/net_zero/round_02/trial_0/manifest.json": weights,
        f"{RUNS}/net_many/round_00/trial_0/manifest.json": weights,
        f"{RUNS}/net_many/round_01/trial_0/manifest.json": masks,
        f"{RUNS}/net_rate_other/round_02/trial_0/manifest.json": masks,
    }
    [lane] = told["lanes"]
    assert set(lane["parents"]) == {"lender", "dense", "before", "other"}
    assert (told["mask"], told["weights"]) == ({"source": "agreed"}, {"source": "borrowed"})
    found, other = (
        load_file(arms.path(f"{RUNS}/{name}/round_02/trial_0/masks.safetensors"))
        for name in ("net_many", "net_rate_other")
    )
    for name, mask in found.items():
        assert np.array_equal(mask, other[name])
