"""Initial weights: their distribution, and what names them."""

from typing import Any

import numpy as np
import pytest

from lth_core.networks.initial import initial_weights, standard_deviation
from lth_core.networks.shapes import weight_layers

LENET = {
    "input": [784],
    "layers": [{"type": "dense", "units": 300}, {"type": "dense", "units": 100}],
    "classes": 10,
}
LAYERS = weight_layers(LENET)
GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
INITIAL = initial_weights(LAYERS, GLOROT, seed=0, trial=0)


def test_glorot_deviations_of_lenet() -> None:
    """Figure 15 ends at twice these: 0.086, 0.141 and 0.27."""
    sigmas = [standard_deviation(layer, GLOROT) for layer in LAYERS]
    assert sigmas == pytest.approx([0.0430, 0.0707, 0.1348], abs=0.00005)


def test_fans_of_a_convolution_count_its_nine_positions() -> None:
    conv = {"input": [3, 8, 8], "layers": [{"type": "conv", "filters": 64}], "classes": 10}
    sigma = standard_deviation(weight_layers(conv)[0], GLOROT)
    assert sigma == pytest.approx(np.sqrt(2 / (27 + 576)))


@pytest.mark.parametrize(
    "initialisation", [GLOROT, {"distribution": "normal", "std": 0.1, "truncate": 2.0}]
)
def test_initial_weights_are_truncated_and_not_rescaled(initialisation: dict[str, Any]) -> None:
    weights = initial_weights(LAYERS, initialisation, seed=0, trial=0)
    for layer in LAYERS:
        values, sigma = weights[layer.weight], standard_deviation(layer, initialisation)
        assert np.abs(values).max() <= np.float32(2 * sigma)
        assert values.std() / sigma == pytest.approx(0.88, abs=4 / np.sqrt(2 * layer.size))
        assert (weights[layer.bias] == 0).all() and weights[layer.bias].shape == layer.shape[:1]


def test_without_truncation_the_tails_are_there() -> None:
    free = {"distribution": "normal", "std": 0.1, "truncate": None}
    values = initial_weights(LAYERS, free, seed=0, trial=0)["fc1.weight"]
    assert (np.abs(values) > 0.2).mean() == pytest.approx(0.0455, abs=0.002)
    assert values.std() == pytest.approx(0.1, rel=0.01)


def test_theta_0_is_named_by_seed_and_trial() -> None:
    again = initial_weights(LAYERS, GLOROT, seed=0, trial=0)
    assert all(np.array_equal(again[name], INITIAL[name]) for name in INITIAL)
    for seed, trial in ((0, 1), (1, 0)):
        other = initial_weights(LAYERS, GLOROT, seed=seed, trial=trial)
        assert (other["fc1.weight"] != INITIAL["fc1.weight"]).mean() > 0.99


def test_batch_norm_starts_as_the_identity() -> None:
    network = {
        "input": [3, 4, 4],
        "layers": [{"type": "conv", "filters": 5, "batch_norm": True}],
        "classes": 2,
    }
    weights = initial_weights(weight_layers(network), GLOROT, seed=0, trial=0)
    assert "conv1.bias" not in weights and "output.bias" in weights
    for name, value in (("scale", 1), ("running_var", 1), ("shift", 0), ("running_mean", 0)):
        assert np.array_equal(weights[f"conv1.{name}"], np.full(5, value, np.float32))
