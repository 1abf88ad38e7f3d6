"""Starting weights that keep signs, magnitudes or both of theta_0."""

from typing import Any

import numpy as np
import pytest

from lth_core.arms import source_module
from lth_core.arms.source import Inputs
from lth_core.networks.initial import initial_weights, standard_deviation
from lth_core.networks.shapes import Layer, Masks, Weights
from lth_core.streams import stream

LAYERS = [Layer("fc1", "fc", (40, 50)), Layer("output", "output", (10, 40))]
GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
INITIAL = initial_weights(LAYERS, GLOROT, seed=0, trial=0)
MASKS: Masks = {la.weight: stream("test", la.name).random(la.shape) < 0.4 for la in LAYERS}
EMPTY: Masks = {**MASKS, "output.weight": np.zeros((10, 40), bool)}


def start(
    source: str,
    *,
    replicate: int = 0,
    layers: list[Layer] = LAYERS,
    initialisation: dict[str, Any] = GLOROT,
    initial: Weights = INITIAL,
    masks: Masks = MASKS,
    **settings: Any,
) -> Weights:
    module = source_module("weights", source)
    generator = stream(0, 0, replicate, "weights")
    inputs = Inputs(layers, initialisation, initial, {}, generator, masks)
    weights: Weights = module.weights(module.Settings.completed(settings), inputs)
    return weights


def test_a_signed_constant_by_hand() -> None:
    layer = Layer("output", "output", (1, 3))
    initial = {
        "output.weight": np.array([[0.3, -0.1, 0]], np.float32),
        "output.bias": np.zeros(1, np.float32),
    }
    normal = {"distribution": "normal", "std": 0.2, "truncate": None}
    given = {"layers": [layer], "initialisation": normal, "initial": initial}
    found = start("signed_constant", **given)
    np.testing.assert_array_equal(found["output.weight"], np.float32([[0.2, -0.2, 0]]))
    found = start("signed_constant", **given, spread="empirical")
    spread = np.std([0.3, -0.1, 0])
    np.testing.assert_allclose(found["output.weight"], [[spread, -spread, 0]], rtol=1e-6)


@pytest.mark.parametrize("spread", ["nominal", "empirical"])
def test_a_signed_constant_has_one_magnitude_in_each_layer(spread: str) -> None:
    found = start("signed_constant", spread=spread)
    for layer in LAYERS:
        [magnitude] = np.unique(np.abs(found[layer.weight]))
        nominal = standard_deviation(layer, GLOROT)
        # Cut at two deviations, a normal distribution keeps 0.88 of its own.
        expected = nominal if spread == "nominal" else 0.88 * nominal
        assert magnitude == pytest.approx(expected, rel=0.1)
        assert (np.sign(found[layer.weight]) == np.sign(INITIAL[layer.weight])).all()
        assert (found[layer.bias] == 0).all()


def test_random_signs_are_drawn_with_equal_chances() -> None:
    found, other = (
        start("signed_constant", sign="random", replicate=replicate) for replicate in range(2)
    )
    for layer in LAYERS:
        signs = np.sign(found[layer.weight])
        assert set(np.unique(signs)) == {-1, 1}
        for share in (
            (signs == 1).mean(),
            (signs == np.sign(INITIAL[layer.weight])).mean(),
            (signs == np.sign(other[layer.weight])).mean(),
        ):
            assert share == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(layer.size))


def test_a_reinitialisation_with_signs_has_the_draws_of_one_without() -> None:
    plain, signed = start("reinit"), start("reinit_with_sign")
    for layer in LAYERS:
        np.testing.assert_array_equal(np.abs(plain[layer.weight]), np.abs(signed[layer.weight]))
        assert (np.sign(signed[layer.weight]) == np.sign(INITIAL[layer.weight])).all()
        assert not np.array_equal(plain[layer.weight], signed[layer.weight])


@pytest.mark.parametrize("sign", ["original", "random"])
def test_permuted_weights_are_the_survivors_each_once(sign: str) -> None:
    found = start("permuted", sign=sign)
    for layer in LAYERS:
        mask = MASKS[layer.weight]
        own, placed = INITIAL[layer.weight][mask], found[layer.weight][mask]
        if sign == "original":
            assert (np.sign(placed) == np.sign(own)).all()
            own, placed = np.abs(own), np.abs(placed)
        assert np.array_equal(np.sort(own), np.sort(placed))
        assert not np.array_equal(own, placed)
        assert (found[layer.weight][~mask] == 0).all()


@pytest.mark.parametrize("source", ["permuted", "reinit_with_sign", "signed_constant"])
def test_a_layer_may_be_empty_and_theta_0_is_left_alone(source: str) -> None:
    before = {name: value.copy() for name, value in INITIAL.items()}
    found = start(source, masks=EMPTY)
    assert set(found) == set(INITIAL)
    for name, value in INITIAL.items():
        assert found[name].dtype == np.float32 and found[name].shape == value.shape
        np.testing.assert_array_equal(value, before[name])
