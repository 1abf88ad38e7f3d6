"""The worst network between two trained ones: which it is, and what it is made of."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch

from lth_core.arms.mixture import mixed, with_statistics
from lth_core.arms.probe import Probe
from lth_core.arms.source import Inputs, Network
from lth_core.arms.weights import between
from lth_core.data.scaling import unit
from lth_core.data.split import Split
from lth_core.networks.forward import forward_function
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.pruning.mask import dense
from lth_core.streams import stream

GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
LINEAR = {"input": [2], "layers": [], "classes": 2}
NORMED = {
    "input": [1, 4, 4],
    "layers": [
        {"type": "conv", "filters": 3, "batch_norm": True},
        {"type": "dropout", "rate": 0.5},
    ],
    "classes": 3,
}
FIRST = {"output.weight": np.array([[2, -1], [0, 1]], np.float32), "output.bias": np.zeros(2, "f")}
SECOND = {"output.weight": np.array([[0, 3], [4, 1]], np.float32), "output.bias": np.ones(2, "f")}


def images(examples: int, *shape: int) -> Split:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (examples, *shape), np.uint8)
    labels = generator.integers(0, 2, examples).astype(np.uint8)
    return Split(pixels, labels, *unit(int(np.prod(shape))))


def worst(
    first: Weights, second: Weights, points: int, masks: Masks | None = None,
    network: Mapping[str, Any] = LINEAR,
) -> Weights:  # fmt: skip
    layers = weight_layers(dict(network))
    data = images(50, *network["input"])
    inputs = Inputs(
        layers, GLOROT, {}, {"first": Network(first), "second": Network(second)},
        stream("no draws"), masks or dense(layers), network,
        splits=lambda: {"train": data, "validation": data},
    )  # fmt: skip
    return between.weights({"points": points}, inputs)


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[float, float]], None]:
    """Let networks between FIRST and SECOND have the errors that are given, by share in percent."""

    def given(found: Mapping[float, float]) -> None:
        def accuracy(probe: Probe, weights: Weights, masks: Masks, split: str) -> float:
            assert split == "validation"
            return 1 - found[float(weights["output.bias"][0])] / 100

        monkeypatch.setattr(Probe, "accuracy", accuracy)

    return given


def test_it_is_where_the_error_is_highest(
    errors: Callable[[Mapping[float, float]], None],
) -> None:
    """Errors of 2, 5 and 4 %: two points more in the middle than at the ends on average."""
    errors({0: 2, 0.5: 5, 1: 4})
    found = worst(FIRST, SECOND, 3)
    assert found["output.weight"].tolist() == [[1, 1], [2, 1]]
    assert found["output.bias"].tolist() == [0.5, 0.5]


def test_it_may_be_an_end_which_is_exact(errors: Callable[[Mapping[float, float]], None]) -> None:
    errors({0: 2, 0.5: 3, 1: 4})
    assert worst(FIRST, SECOND, 3) is SECOND
    errors({0: 4, 0.5: 3, 1: 2})
    assert worst(FIRST, SECOND, 3) is FIRST


def test_of_equal_errors_the_nearest_to_the_first_end_counts(
    errors: Callable[[Mapping[float, float]], None],
) -> None:
    errors({0: 1, 0.25: 5, 0.5: 5, 0.75: 1, 1: 1})
    assert worst(FIRST, SECOND, 5)["output.bias"].tolist() == [0.25, 0.25]


def test_between_equal_networks_it_is_the_same_network() -> None:
    assert worst(FIRST, FIRST, 30) is FIRST


@pytest.mark.parametrize("share", [0.1, 1 / 3, 0.9])
def test_all_tensors_are_mixed(share: float) -> None:
    found = mixed(FIRST, SECOND, share)
    for name, value in found.items():
        assert value.dtype == np.float32
        np.testing.assert_allclose(value, (1 - share) * FIRST[name] + share * SECOND[name], 1e-6)


def test_a_network_without_weights_is_allowed() -> None:
    empty = {"output.weight": np.zeros((2, 2), bool)}
    found = worst(FIRST, SECOND, 5, empty)
    assert set(found) == set(FIRST)


def normed() -> Weights:
    return draw_weights(weight_layers(dict(NORMED)), GLOROT, np.random.default_rng(1))


def test_statistics_of_batch_norm_are_those_of_the_masked_network() -> None:
    """Beyond a chunk, too: 2,500 examples are two chunks and a half."""
    layers, weights, data = weight_layers(dict(NORMED)), normed(), images(2500, 1, 4, 4)
    masks = dense(layers)
    masks["conv1.weight"][0] = False
    found = with_statistics(NORMED, data, weights, masks)
    changed = {name for name in weights if not np.array_equal(found[name], weights[name])}
    assert changed == {"conv1.running_mean", "conv1.running_var"}
    kernel = torch.tensor(np.where(masks["conv1.weight"], weights["conv1.weight"], 0))
    values = torch.nn.functional.conv2d(torch.tensor(data.images), kernel, padding=1)
    chunks = values.split(1000)
    mean = torch.stack([chunk.mean((0, 2, 3)) for chunk in chunks]).mean(0)
    variance = torch.stack([chunk.var((0, 2, 3)) for chunk in chunks]).mean(0)
    np.testing.assert_allclose(found["conv1.running_mean"], mean, atol=1e-5)
    np.testing.assert_allclose(found["conv1.running_var"], variance, rtol=1e-4)
    # Normed by them, what is left has mean 0 and deviation 1; a layer without weights is 0.
    assert found["conv1.running_var"][0] == 0
    tensors = {name: torch.tensor(value) for name, value in found.items()}
    logits, _ = forward_function(dict(NORMED))(tensors, torch.tensor(data.images), None)
    assert torch.isfinite(logits).all()


def test_networks_without_batch_norm_stay_as_they_are() -> None:
    assert with_statistics(LINEAR, images(4, 2), FIRST, {}) is FIRST


def test_a_normed_network_between_two() -> None:
    found = worst(normed(), normed(), 3, network=NORMED)
    assert found["conv1.running_var"].std() > 0


def test_statistics_are_those_of_the_training_examples() -> None:
    train, validation = images(50, 1, 4, 4), images(80, 1, 4, 4)
    layers = weight_layers(dict(NORMED))
    inputs = Inputs(
        layers, GLOROT, {}, {"first": Network(normed()), "second": Network(normed())},
        stream("no draws"), dense(layers), NORMED,
        splits=lambda: {"train": train, "validation": validation},
    )  # fmt: skip
    found = between.weights({"points": 3}, inputs)["conv1.running_mean"]
    of_train, of_validation = (
        with_statistics(NORMED, split, normed(), dense(layers))["conv1.running_mean"]
        for split in (train, validation)
    )
    assert np.array_equal(found, of_train) and not np.array_equal(found, of_validation)


def test_statistics_are_counted_on_the_first_five_thousand_examples() -> None:
    data, layers = images(6500, 1, 4, 4), weight_layers(dict(NORMED))
    found, first, fewer = (
        with_statistics(NORMED, data[:examples], normed(), dense(layers))["conv1.running_mean"]
        for examples in (6500, 5000, 4000)
    )
    assert np.array_equal(found, first) and not np.array_equal(found, fewer)
