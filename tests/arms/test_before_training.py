"""Masks made before training, on arrays whose winners were worked out by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from lth_core.arms import source_module
from lth_core.arms.batch import balanced_rows
from lth_core.arms.source import Inputs
from lth_core.data.scaling import unit
from lth_core.data.split import Split
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.streams import stream

LINEAR = {"input": [2], "layers": [], "classes": 2}
WEIGHT = {
    "output.weight": np.array([[0.5, -0.3], [0.4, 0.22]], np.float32),
    "output.bias": np.zeros(2, np.float32),
}
PLAIN = np.ones(2, np.float32), np.zeros(2, np.float32)
ONE = Split(np.array([[1, 2]], np.uint8), np.array([0], np.uint8), *PLAIN)

TWO_LAYERS = {"input": [2], "layers": [{"type": "dense", "units": 2}], "classes": 1}
FLOW = {
    "fc1.weight": np.array([[1, -2], [3, 0.5]], np.float32),
    "output.weight": np.array([[2, -1]], np.float32),
}

DEEP = {
    "input": [3, 8, 8],
    "layers": [
        {"type": "conv", "filters": 4, "batch_norm": True},
        {"type": "max_pool", "size": 2},
        {"type": "dropout", "rate": 0.5},
        {"type": "residual", "filters": 8, "stride": 2},
        {"type": "average_pool", "size": 2},
        {"type": "dense", "units": 6},
    ],
    "classes": 3,
}
GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}


def masks(
    source: str,
    network: Mapping[str, Any],
    initial: Weights,
    keep: float,
    split: Split = ONE,
    replicate: int = 0,
    **settings: Any,
) -> Masks:
    module, layers = source_module("masks", source), weight_layers(dict(network))
    inputs = Inputs(
        layers=layers,
        initialisation=GLOROT,
        initial=initial,
        parents={},
        generator=stream(0, 0, replicate, "mask"),
        network=network,
        splits=lambda: {"train": split},
    )
    shares = {layer.kind: keep for layer in layers}
    told = module.Settings.completed({**settings, "keep": shares, "scope": "layer"})
    found: Masks = module.masks(told, inputs)
    return found


def deep() -> tuple[Weights, Split]:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (40, 3, 8, 8), np.uint8)
    split = Split(pixels, generator.integers(0, 3, 40).astype(np.uint8), *unit(3 * 8 * 8))
    return draw_weights(weight_layers(DEEP), GLOROT, generator), split


def test_snip_keeps_what_the_loss_hangs_on() -> None:
    found = masks("snip", LINEAR, WEIGHT, 0.5)
    assert found["output.weight"].tolist() == [[True, True], [False, False]]
    by_size = masks("magnitude_at_init", LINEAR, WEIGHT, 0.5)
    assert by_size["output.weight"].tolist() == [[True, False], [True, False]]


def test_grasp_keeps_what_costs_the_flow_of_the_gradient() -> None:
    found = masks("grasp", LINEAR, WEIGHT, 0.5, temperature=200.0)
    assert found["output.weight"].tolist() == [[False, True], [False, True]]


def test_synflow_keeps_what_the_flow_goes_through() -> None:
    found = masks("synflow", TWO_LAYERS, FLOW, 4 / 6, steps=1)
    assert found["fc1.weight"].tolist() == [[False, True], [True, False]]
    assert found["output.weight"].tolist() == [[True, True]]


def test_flow_is_conserved_in_every_layer() -> None:
    module = source_module("masks", "synflow")
    layers = weight_layers(TWO_LAYERS)
    everything = {name: np.ones(value.shape, bool) for name, value in FLOW.items()}
    scores = module._scores(TWO_LAYERS, layers, FLOW, everything)
    assert scores["fc1.weight"].tolist() == [2, 4, 3, 0.5]
    assert scores["output.weight"].tolist() == [6, 3.5]
    weights, _ = deep()
    layers = weight_layers(DEEP)
    everything = {layer.weight: np.ones(layer.shape, bool) for layer in layers}
    flow = {name: score.sum() for name, score in module._scores(
        DEEP, layers, weights, everything).items()}  # fmt: skip
    # Around the block there are two ways.
    block = flow["conv2.weight"] + flow["shortcut1.weight"]
    for whole in (flow["conv1.weight"], block, flow["fc1.weight"]):
        assert whole == pytest.approx(flow["output.weight"], rel=1e-9)
    assert flow["conv2.weight"] == pytest.approx(flow["conv3.weight"], rel=1e-9)


def test_synflow_empties_no_layer_where_magnitude_does() -> None:
    network = {"input": [20], "layers": [{"type": "dense", "units": 30}], "classes": 10}
    initial = draw_weights(weight_layers(network), GLOROT, np.random.default_rng(0))
    initial["output.weight"] /= 100
    for keep in (0.5, 0.1, 0.02):
        found = masks("synflow", network, initial, keep)
        assert all(mask.any() for mask in found.values())
        assert sum(mask.sum() for mask in found.values()) == 18 * keep * 50
    # All paths are gone at last: what is left over is kept all the same, in exact number.
    assert sum(mask.sum() for mask in masks("synflow", network, initial, 0.0).values()) == 0


@pytest.mark.parametrize("source", ["snip", "grasp", "synflow"])
@pytest.mark.parametrize("keep", [0.7, 0.1, 0.0])
def test_of_a_deep_network_as_many_stay_as_pruning_says(source: str, keep: float) -> None:
    weights, split = deep()
    found = masks(source, DEEP, weights, keep, split)
    layers = weight_layers(DEEP)
    assert {name: mask.shape for name, mask in found.items()} == {
        layer.weight: layer.shape for layer in layers
    }
    kept = sum(int(mask.sum()) for mask in found.values())
    assert kept == sum(round(layer.size * keep) for layer in layers)


@pytest.mark.parametrize("source", ["snip", "grasp", "synflow"])
def test_of_equal_weights_the_first_stay(source: str) -> None:
    """Without weights no score is above another."""
    nothing = {name: np.zeros_like(value) for name, value in WEIGHT.items()}
    found = masks(source, LINEAR, nothing, 0.5)
    assert found["output.weight"].tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize("source", ["snip", "grasp"])
def test_which_examples_are_seen_follows_the_stream(source: str) -> None:
    weights, split = deep()
    first, again, other = (
        masks(source, DEEP, weights, 0.3, split, replicate, examples_per_class=3)
        for replicate in (0, 0, 1)
    )
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not all(np.array_equal(first[name], other[name]) for name in first)


def test_a_batch_has_as_many_of_each_class() -> None:
    labels = np.random.default_rng(0).permutation(np.repeat([0, 2, 5], [30, 40, 2]))
    rows = balanced_rows(labels, 10, np.random.default_rng(1))
    assert labels[rows].tolist() == [0] * 10 + [2] * 10 + [5] * 2
    assert len(set(rows)) == len(rows)
    assert not np.array_equal(rows, balanced_rows(labels, 10, np.random.default_rng(2)))


@pytest.mark.parametrize("ratios", ["smart", "smart_vgg", "erk", "uniform"])
def test_random_masks_by_ratios_follow_their_stream(ratios: str) -> None:
    weights, _ = deep()
    first, again, other = (
        masks("random_ratios", DEEP, weights, 0.3, replicate=replicate, ratios=ratios)
        for replicate in (0, 0, 1)
    )
    for name in first:
        assert np.array_equal(first[name], again[name])
        assert first[name].sum() == other[name].sum()
    assert not all(np.array_equal(first[name], other[name]) for name in first)
    kept = sum(int(mask.sum()) for mask in first.values())
    assert kept == sum(round(layer.size * 0.3) for layer in weight_layers(DEEP))


def several() -> tuple[Weights, Split]:
    """Weights of a linear layer that are far from small, and examples of three classes."""
    generator = np.random.default_rng(3)
    weights = {
        "output.weight": generator.normal(size=(3, 8)).astype(np.float32),
        "output.bias": np.zeros(3, np.float32),
    }
    pixels = generator.integers(0, 4, (30, 8), np.uint8)
    scale = np.ones(8, np.float32), np.zeros(8, np.float32)
    return weights, Split(pixels, np.repeat(np.arange(3, dtype=np.uint8), 10), *scale)


def test_a_temperature_is_what_divides_the_logits() -> None:
    """Weights of a linear layer divided by it do the same, and other weights stay than without."""
    network, (weights, split) = {"input": [8], "layers": [], "classes": 3}, several()
    cooled = {name: array / np.float32(16) for name, array in weights.items()}
    hot, same, plain = (
        masks("grasp", network, initial, 0.4, split, temperature=temperature)["output.weight"]
        for initial, temperature in ((weights, 16.0), (cooled, 1.0), (weights, 1.0))
    )
    assert np.array_equal(hot, same) and not np.array_equal(hot, plain)


@pytest.mark.parametrize("source", ["snip", "grasp"])
def test_as_many_examples_are_seen_as_it_says(source: str) -> None:
    """All ten of each class: then it does not matter in which order they are drawn."""
    network, (weights, split) = {"input": [8], "layers": [], "classes": 3}, several()

    def kept(examples: int, replicate: int) -> list[bool]:
        found = masks(
            source, network, weights, 0.4, split, replicate, examples_per_class=examples
        )  # fmt: skip
        return found["output.weight"].ravel().tolist()

    assert kept(10, 0) == kept(10, 1) == kept(10, 2)
    assert len({str(kept(1, replicate)) for replicate in range(5)}) > 1


@pytest.mark.parametrize("kind", ["max_pool", "average_pool"])
def test_the_flow_through_a_pool_is_the_mean(kind: str) -> None:
    """Of ones, padded, a kernel of ones makes 4 in the corners, 6 at the edges and 9 inside."""
    network = {
        "input": [1, 4, 4],
        "layers": [{"type": "conv", "filters": 1}, {"type": kind, "size": 2}],
        "classes": 1,
    }
    layers = weight_layers(network)
    ones = {layer.weight: np.ones(layer.shape, np.float32) for layer in layers}
    everything = {name: array.astype(bool) for name, array in ones.items()}
    module = source_module("masks", "synflow")
    scores = module._scores(network, layers, ones, everything)
    assert scores["output.weight"].tolist() == [(4 + 6 + 6 + 9) / 4] * 4
