"""Pruning by units: the right ones, with all that they feed, and nothing else."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from lth_core.arms.masks import units
from lth_core.arms.source import Inputs, Network
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.pruning.mask import dense
from lth_core.streams import stream

GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
SMALL = {"input": [2], "layers": [{"type": "dense", "units": 3}], "classes": 2}
FC1 = np.array([[3, 4], [1, 1], [0, 2]], np.float32)
OUTPUT = np.ones((2, 3), np.float32)
LENET = {
    "input": [784],
    "layers": [{"type": "dense", "units": 300}, {"type": "dense", "units": 100}],
    "classes": 10,
}


def pruned(
    network: Mapping[str, Any], trained: Weights, keep: float, previous: Masks | None = None
) -> Masks:
    layers = weight_layers(dict(network))
    before = Network(weights=trained, masks=previous or dense(layers))
    inputs = Inputs(layers, GLOROT, {}, {"trained": before}, stream("no draws"), network=network)
    shares = {layer.kind: keep for layer in layers}
    return units.masks({"keep": shares, "scope": "layer"}, inputs)


def drawn(network: Mapping[str, Any]) -> Weights:
    return draw_weights(weight_layers(dict(network)), GLOROT, np.random.default_rng(0))


def small(fc1: np.ndarray) -> Weights:
    return {"fc1.weight": fc1, "output.weight": OUTPUT}


def test_the_weakest_unit_goes_with_what_it_feeds() -> None:
    found = pruned(SMALL, small(FC1), 2 / 3)
    assert found["fc1.weight"].tolist() == [[True] * 2, [False] * 2, [True] * 2]
    assert found["output.weight"].tolist() == [[True, False, True]] * 2


def test_of_equal_units_the_first_stay() -> None:
    found = pruned(SMALL, small(np.ones((3, 2), np.float32)), 1 / 3)
    assert found["fc1.weight"].tolist() == [[True] * 2, [False] * 2, [False] * 2]


def test_only_surviving_weights_count_and_nothing_comes_back() -> None:
    previous = pruned(SMALL, small(FC1), 2 / 3)
    previous["fc1.weight"][0, 1] = False
    # Unit 1 is gone, and the 4 of unit 0 with it: 3 and 2 are left.
    huge = np.where(previous["fc1.weight"], FC1, 99).astype(np.float32)
    found = pruned(SMALL, small(huge), 1 / 3, previous)
    assert found["fc1.weight"].tolist() == [[True, False], [False] * 2, [False] * 2]
    assert found["output.weight"].tolist() == [[True, False, False]] * 2


def test_a_layer_may_end_up_empty() -> None:
    found = pruned(SMALL, small(FC1), 0.0)
    assert not any(mask.any() for mask in found.values())
    again = pruned(SMALL, small(FC1), 2 / 3, found)
    assert not any(mask.any() for mask in again.values())


def test_what_a_diverged_run_leaves_goes_first() -> None:
    for unit in range(3):
        fc1 = FC1.copy()
        fc1[unit, 0] = np.nan
        found = pruned(SMALL, small(fc1), 2 / 3)
        assert np.flatnonzero(~found["fc1.weight"].any(axis=1)).tolist() == [unit]


@pytest.mark.parametrize("share", [0.5, 0.2, 0.8])
def test_counts_of_lenet(share: float) -> None:
    first, second = round(300 * (1 - share)), round(100 * (1 - share))
    found = pruned(LENET, drawn(LENET), 1 - share)
    kept = sum(int(mask.sum()) for mask in found.values())
    assert kept == 784 * first + first * second + 10 * second
    assert share != 0.5 or kept == 125_600


def test_a_filter_goes_with_all_its_positions() -> None:
    network = {
        "input": [1, 4, 4],
        "layers": [
            {"type": "conv", "filters": 3},
            {"type": "conv", "filters": 3},
            {"type": "max_pool", "size": 2},
            {"type": "dense", "units": 5},
        ],
        "classes": 2,
    }
    trained = drawn(network)
    strengths = np.array([3, 1, 2], np.float32)
    for name in ("conv1.weight", "conv2.weight"):
        norms = np.sqrt((trained[name] ** 2).sum(axis=(1, 2, 3)))
        trained[name] *= (strengths / norms)[:, None, None, None]
    found = pruned(network, trained, 2 / 3)
    for name in ("conv1.weight", "conv2.weight"):
        assert found[name].any(axis=(1, 2, 3)).tolist() == [True, False, True]
    assert found["conv2.weight"].any(axis=(0, 2, 3)).tolist() == [True, False, True]
    # Channels first, a pooled image of four pixels each.
    assert found["fc1.weight"].any(axis=0).tolist() == [True] * 4 + [False] * 4 + [True] * 4


def test_what_is_summed_in_a_residual_network_stays() -> None:
    network = {
        "input": [3, 8, 8],
        "layers": [
            {"type": "conv", "filters": 4, "batch_norm": True},
            {"type": "residual", "filters": 6, "stride": 2},
            {"type": "average_pool", "size": 4},
        ],
        "classes": 2,
    }
    found = pruned(network, drawn(network), 0.5)
    assert all(found[name].all() for name in ("conv1.weight", "shortcut1.weight", "output.weight"))
    inside = found["conv2.weight"].any(axis=(1, 2, 3))
    assert inside.sum() == 3
    assert (found["conv3.weight"].any(axis=(0, 2, 3)) == inside).all()
    assert found["conv3.weight"].any(axis=(1, 2, 3)).all()
