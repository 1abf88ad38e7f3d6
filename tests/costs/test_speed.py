"""The measurement of speed: that it runs for every engine and gives sensible numbers."""

import json

import numpy as np
import pytest

from lth_core.costs.jobs import Setup
from lth_core.costs.speed import SHARES, Speed, measure

NETWORK = {"input": [784], "layers": [{"type": "dense", "units": 20}], "classes": 10}
CONV = {
    "input": [3, 32, 32],
    "layers": [
        {"type": "conv", "filters": 4, "batch_norm": True},
        {"type": "dropout", "rate": 0.5},
    ],
    "classes": 10,
}
XOR = {"input": [2], "layers": [{"type": "dense", "units": 10}], "classes": 1}
TRAINING = {
    "optimizer": "adam", "batch_size": 60, "augmentation": "none", "precision": "float32"
}  # fmt: skip


def setup(engine: str, network: dict, training: dict) -> Setup:
    return Setup(engine, json.dumps(network), json.dumps(training))


@pytest.mark.parametrize(
    ("engine", "network", "training"),
    [
        ("sparse", NETWORK, TRAINING),
        ("torch", NETWORK, TRAINING),
        ("torch", CONV, {**TRAINING, "augmentation": "flip_crop"}),
        ("xor", XOR, {"trials": 5, "units": 4}),
    ],
)
def test_measure(engine: str, network: dict, training: dict) -> None:
    speed = measure(setup(engine, network, training), seconds=0.01)
    assert speed.shares == SHARES.get(engine, (1.0,))
    assert all(number > 0 for number in speed.iteration)
    assert all(number >= 0 for number in speed.example)
    assert np.isfinite(speed.seconds(0.5, iterations=10, examples=100))


def test_seconds_lie_between_what_was_measured() -> None:
    speed = Speed((0.1, 1.0), (0.001, 0.010), (1e-6, 1e-5))
    assert speed.seconds(1.0, 1000, 100_000) == pytest.approx(10 + 1)
    assert speed.seconds(0.01, 1000, 0) == pytest.approx(1)
    assert speed.seconds(0.55, 1000, 0) == pytest.approx(5.5)
