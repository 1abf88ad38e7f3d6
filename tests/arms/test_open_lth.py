"""What open_lth adds: masks drawn across layers, other distributions, pretrained weights."""

from typing import Any

import numpy as np
import pytest

from lth_core.arms import source_module
from lth_core.arms.source import Inputs, Network
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Layer, Masks, Weights
from lth_core.streams import stream

LAYERS = [Layer("fc1", "fc", (5, 2)), Layer("output", "output", (2, 3))]  # 10 and 6 weights
TICKET: Masks = {
    "fc1.weight": np.arange(10).reshape(5, 2) < 7,
    "output.weight": np.arange(6).reshape(2, 3) < 1,
}
NOTHING: Masks = {name: np.zeros_like(mask) for name, mask in TICKET.items()}
WIDE = [Layer("conv1", "conv", (20, 3, 3, 3)), Layer("fc1", "fc", (40, 30))]
GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
INITIAL = initial_weights(WIDE, GLOROT, seed=0, trial=0)


def drawn(layers: str, replicate: int = 0, ticket: Masks = TICKET) -> Masks:
    generator = stream(0, 0, replicate, "mask")
    inputs = Inputs(LAYERS, {}, {}, {"ticket": Network(masks=ticket)}, generator)
    found: Masks = source_module("masks", "shuffled_across").masks({"layers": layers}, inputs)
    return found


def start(source: str, parents: dict[str, Network] | None = None, **settings: Any) -> Weights:
    inputs = Inputs(WIDE, GLOROT, INITIAL, parents or {}, stream("no draws"))
    found: Weights = source_module("weights", source).weights(settings, inputs)
    return found


def test_even_masks_keep_the_same_share_of_each_layer() -> None:
    found = drawn("even")
    assert {name: int(mask.sum()) for name, mask in found.items()} == {
        "fc1.weight": 5,
        "output.weight": 3,
    }


def test_masks_of_any_layer_keep_the_total_and_vary_about_its_share() -> None:
    counts = []
    for replicate in range(400):
        found = drawn("any", replicate)
        assert sum(mask.sum() for mask in found.values()) == 8
        counts.append(int(found["fc1.weight"].sum()))
    assert len(set(counts)) > 3
    # Hypergeometric: 8 of 16, 10 of which are the first layer's; mean 5, variance 1.
    assert np.mean(counts) == pytest.approx(5, abs=4 / np.sqrt(400))


@pytest.mark.parametrize("layers", ["any", "even"])
def test_masks_follow_their_stream_and_may_be_empty(layers: str) -> None:
    once, again, other = drawn(layers), drawn(layers), drawn(layers, 1)
    assert all(np.array_equal(once[name], again[name]) for name in once)
    assert not all(np.array_equal(once[name], other[name]) for name in once)
    assert {name: mask.shape for name, mask in once.items()} == {
        layer.weight: layer.shape for layer in LAYERS
    }
    assert not any(mask.any() for mask in drawn(layers, ticket=NOTHING).values())


@pytest.mark.parametrize("distribution", ["he_normal", "he_uniform", "binary"])
def test_distributions_of_he_have_his_variance_in_the_order_of_theta_0(distribution: str) -> None:
    found = start("redistributed", distribution=distribution)
    for layer in WIDE:
        initial, values = INITIAL[layer.weight], found[layer.weight]
        assert values.dtype == np.float32 and values.shape == layer.shape
        expected = np.sqrt(2 / layer.fan_in) * (0.88 if distribution == "he_normal" else 1)
        assert values.std() == pytest.approx(expected, rel=0.1)
        order = np.argsort(initial, axis=None)
        assert (np.diff(values.ravel()[order]) >= 0).all()
        assert (found[layer.bias] == 0).all()


def test_uniform_and_binary_values_are_where_they_should_be() -> None:
    for layer in WIDE:
        uniform = start("redistributed", distribution="he_uniform")[layer.weight]
        bound = np.sqrt(6 / layer.fan_in)
        assert np.abs(uniform).max() == pytest.approx(bound * (1 - 1 / layer.size))
        binary = start("redistributed", distribution="binary")[layer.weight]
        expected = np.sign(INITIAL[layer.weight]) * np.sqrt(2 / layer.fan_in)
        np.testing.assert_allclose(binary, expected, rtol=1e-6)


def test_orthogonal_rows_or_columns_where_they_are_fewer() -> None:
    found = start("redistributed", distribution="orthogonal")
    for layer in WIDE:
        flat = found[layer.weight].reshape(layer.shape[0], -1).astype(float)
        gram = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
        np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-6)


def test_pretrained_weights_are_those_of_the_other_experiment() -> None:
    other = initial_weights(WIDE, GLOROT, seed=5, trial=0)
    assert start("pretrained", {"pretrained": Network(weights=other)}) is other
    settings = source_module("weights", "pretrained").Settings(source="pretrained", experiment="a")
    for round_ in (0, 3):
        assert settings.told(round_) == {"source": "pretrained"}
        assert settings.parents(round_)["pretrained"][:2] == ("a", 0)
