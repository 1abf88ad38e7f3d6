"""The cost of a run, checked by hand and against what runs leave."""

from pathlib import Path

import numpy as np
import pytest

from lth_core.costs.run import (
    Cost,
    cost_of_run,
    cost_of_xor_run,
    evaluations,
    examples_evaluated,
    split_sizes,
)
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import weight_layers
from lth_core.pruning.mask import dense
from lth_core.training.checkpoint import save_lanes
from lth_core.training.defaults import completed
from lth_core.training.metrics import metrics_table, write_metrics
from lth_core.training.record import Record, TrainAccuracy

NETWORK = {"input": [784], "layers": [{"type": "dense", "units": 20}], "classes": 10}
MACS = 784 * 20 + 20 * 10
SETTINGS = completed(
    {
        "network": NETWORK,
        "initialisation": {},
        "dataset": {"name": "mnist", "validation": 5000},
        "training": {"batch_size": 60, "iterations": 250},
    }
)


def test_cost_of_a_run() -> None:
    cost = cost_of_run(SETTINGS, {})
    assert (cost.runs, cost.iterations) == (1, 250)
    assert cost.training_flops == 6 * MACS * 60 * 250
    # At 0, 100, 200 and 250; the training set twice.
    assert cost.evaluation_flops == 2 * MACS * (4 * 15_000 + 2 * 55_000)


@pytest.mark.parametrize("iterations", [1, 99, 100, 101, 250, 50_000, 112_480])
def test_evaluations_are_those_of_the_record(iterations: int) -> None:
    training = {"iterations": iterations, "evaluate_every": 100}
    assert evaluations(training) == len(Record.empty(iterations, 100, 1).iterations)


def test_a_scale_may_have_fewer_examples() -> None:
    dataset = {**SETTINGS["dataset"], "examples": 6000}
    assert split_sizes(dataset, {}) == {"train": 6000, "validation": 5000, "test": 6000}
    assert examples_evaluated(dataset, SETTINGS["training"], {}) == 4 * 11_000 + 2 * 6000


def test_costs_add_up() -> None:
    one = Cost(1, 2, 3, 4, 5, 6, 7)
    assert one + one == one.times(2) == Cost(2, 4, 6, 8, 10, 12, 14)


def test_what_a_policy_keeps() -> None:
    cost = Cost(weights=400, masks=100, records=1)
    assert [cost.disk(keep) for keep in ("all", "masks", "none")] == [501, 101, 1]


def test_cost_of_an_xor_run() -> None:
    network = {"input": [2], "layers": [{"type": "dense", "units": 10}], "classes": 1}
    cost = cost_of_xor_run({"network": network, "training": {"iterations": 10_000}})
    assert cost.training_flops == 6 * (2 * 10 + 10) * 4 * 10_000
    assert cost.evaluation_flops == 0


@pytest.mark.parametrize("iterations", [5_000, 50_000])
def test_disk_is_what_the_files_take(iterations: int, tmp_path: Path) -> None:
    settings = {**SETTINGS, "training": {**SETTINGS["training"], "iterations": iterations}}
    layers = weight_layers(NETWORK)
    weights = initial_weights(layers, {"distribution": "glorot_normal", "truncate": 2.0}, 0, 0)
    save_lanes(tmp_path / "weights.safetensors", [(0, 0)], [weights])
    save_lanes(tmp_path / "masks.safetensors", [(0, 0)], [dense(layers)])
    record = Record.empty(iterations, 100, 1)
    generator = np.random.default_rng(0)
    record.loss[:] = generator.random(record.loss.shape)
    record.accuracy[:] = generator.integers(0, 10_000, record.accuracy.shape) / 10_000
    table = metrics_table(record, [[TrainAccuracy(100, 0.1, 0.9)]], [(0, 0)], 0, 100, [100])
    write_metrics(table, tmp_path / "metrics.parquet")
    written = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert cost_of_run(settings, {}).disk("all") == pytest.approx(written, rel=0.1)
