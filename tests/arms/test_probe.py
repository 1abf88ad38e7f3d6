"""What a source learns of the data: against numbers worked out by hand, and finite differences."""

import numpy as np
import pytest

from lth_core.arms.probe import Probe
from lth_core.data.scaling import unit
from lth_core.data.split import Split
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import weight_layers
from lth_core.pruning.mask import dense

LINEAR = {"input": [2], "layers": [], "classes": 2}
WEIGHT = np.array([[0.5, -0.3], [0.4, 0.22]], np.float32)
DEEP = {
    "input": [3, 8, 8],
    "layers": [
        {"type": "conv", "filters": 4, "batch_norm": True},
        {"type": "dropout", "rate": 0.5},
        {"type": "max_pool", "size": 2},
        {"type": "dense", "units": 6},
    ],
    "classes": 3,
}


def linear() -> tuple[Probe, dict[str, np.ndarray]]:
    plain = np.ones(2, np.float32), np.zeros(2, np.float32)
    one = Split(np.array([[1, 2]], np.uint8), np.array([0], np.uint8), *plain)
    weights = {"output.weight": WEIGHT, "output.bias": np.zeros(2, np.float32)}
    return Probe(LINEAR, {"train": one}), weights


def deep() -> tuple[Probe, dict[str, np.ndarray]]:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (20, 3, 8, 8), np.uint8)
    split = Split(pixels, generator.integers(0, 3, 20).astype(np.uint8), *unit(3 * 8 * 8))
    initialisation = {"distribution": "glorot_normal", "truncate": 2.0}
    weights = draw_weights(weight_layers(DEEP), initialisation, generator)
    return Probe(DEEP, {"train": split, "test": split}), weights


def test_the_gradient_of_a_linear_layer() -> None:
    """Its connection sensitivities |theta * gradient|, as SNIP has them."""
    probe, weights = linear()
    gradient = probe.gradient(weights, np.array([0]))["output.weight"]
    expected = [[0.3595, 0.4315], [0.2876, 0.3164]]
    np.testing.assert_allclose(np.abs(WEIGHT * gradient), expected, atol=1e-4)


def test_the_hessian_of_a_linear_layer() -> None:
    """What removing each weight does to the gradient's flow, as GraSP has it."""
    probe, weights = linear()
    gradient = {"output.weight": probe.gradient(weights, np.array([0]))["output.weight"]}
    product = probe.hessian_product(weights, gradient, np.array([0]))["output.weight"]
    expected = [[0.726, -0.872], [-0.581, -0.639]]
    np.testing.assert_allclose(-WEIGHT * product, expected, atol=1e-3)


@pytest.mark.parametrize("temperature", [1.0, 200.0])
def test_the_hessian_is_the_gradients_derivative(temperature: float) -> None:
    probe, weights = deep()
    rows, name = np.arange(20), "output.weight"  # behind the last rectifier, whose kinks it lacks
    vector = np.random.default_rng(1).standard_normal(weights[name].shape).astype(np.float32)
    product = probe.hessian_product(weights, {name: vector}, rows, temperature)[name]
    step = np.float32(1e-2)
    ends = [
        probe.gradient({**weights, name: weights[name] + sign * step * vector}, rows, temperature)
        for sign in (1, -1)
    ]
    slope = (ends[0][name] - ends[1][name]) / (2 * step)
    assert np.linalg.norm(product - slope) < 0.05 * np.linalg.norm(product)


def test_nothing_is_changed_by_looking() -> None:
    probe, weights = deep()
    before = {name: array.copy() for name, array in weights.items()}
    first = probe.gradient(weights, np.arange(20))
    second = probe.gradient(weights, np.arange(20))
    assert set(first) == {name for name in weights if "running" not in name}
    for name, array in weights.items():
        np.testing.assert_array_equal(array, before[name])
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])


def test_accuracy_is_under_the_masks() -> None:
    probe, weights = deep()
    masks = dense(weight_layers(DEEP))
    nothing = {name: np.zeros_like(mask) for name, mask in masks.items()}
    assert 0 <= probe.accuracy(weights, masks, "test") <= 1
    # Without weights all logits are equal, and the first class is the answer.
    share = float(np.mean(probe._splits["test"].labels == 0))
    assert probe.accuracy(weights, nothing, "test") == share
