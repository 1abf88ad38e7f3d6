"""Starting weights: bit for bit where the paper keeps weights, in distribution where it draws."""

from typing import Any

import numpy as np
import pytest

from lth_core.arms import source_module, sources
from lth_core.arms.source import Inputs, Network
from lth_core.networks.initial import initial_weights, standard_deviation
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.pruning.mask import dense
from lth_core.streams import stream

LENET = {
    "input": [784],
    "layers": [{"type": "dense", "units": 300}, {"type": "dense", "units": 100}],
    "classes": 10,
}
LAYERS = weight_layers(LENET)
GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
INITIAL = initial_weights(LAYERS, GLOROT, seed=0, trial=0)
MASKS: Masks = {
    layer.weight: stream("test", layer.name).random(layer.shape) < 0.3 for layer in LAYERS
}
# As many weights in each layer, elsewhere.
TICKET: Masks = {
    name: stream("ticket", name).permutation(mask.ravel()).reshape(mask.shape)
    for name, mask in MASKS.items()
}


def start(source: str, replicate: int = 0, masks: Masks = MASKS, **settings: Any) -> Weights:
    inputs = Inputs(
        layers=LAYERS,
        initialisation=GLOROT,
        initial=INITIAL,
        parents={
            "trained": Network(weights=initial_weights(LAYERS, GLOROT, seed=9, trial=0)),
            "rewound": Network(snapshot=initial_weights(LAYERS, GLOROT, seed=8, trial=0)),
            "ticket": Network(masks=TICKET),
        },
        generator=stream(0, 0, replicate, "weights"),
        masks=masks,
    )
    weights: Weights = source_module("weights", source).weights(settings, inputs)
    return weights


SOURCES: list[tuple[str, dict[str, Any]]] = [
    ("original", {}),
    ("reinit", {}),
    ("continue", {}),
    ("resample_from_ticket", {}),
    ("rearranged", {}),
    ("rewind", {}),
    ("noise", {"multiple": 1.0}),
]


def test_every_source_is_here() -> None:
    elsewhere = {
        *("between", "permuted", "pool", "pretrained", "redistributed"),
        *("reinit_with_sign", "signed_constant"),
    }
    assert set(sources("weights")) == {source for source, _ in SOURCES} | elsewhere


@pytest.mark.parametrize(("source", "settings"), SOURCES)
def test_weights_are_complete_and_theta_0_is_left_alone(
    source: str, settings: dict[str, Any]
) -> None:
    before = {name: value.copy() for name, value in INITIAL.items()}
    weights = start(source, **settings)
    assert set(weights) == set(INITIAL)
    for name, value in INITIAL.items():
        assert weights[name].dtype == np.float32 and weights[name].shape == value.shape
        assert np.array_equal(value, before[name]), "theta_0 must not be changed in place"
    for name, mask in MASKS.items():
        assert np.abs(weights[name][mask]).mean() > 0


def test_a_ticket_is_theta_0_bit_for_bit() -> None:
    weights = start("original")
    for layer in LAYERS:
        mask = MASKS[layer.weight]
        kept, original = weights[layer.weight][mask], INITIAL[layer.weight][mask]
        assert kept.tobytes() == original.tobytes()
        assert weights[layer.bias].tobytes() == INITIAL[layer.bias].tobytes()


def test_reinitialised_tickets_differ_but_have_the_same_distribution() -> None:
    draws = [start("reinit", replicate) for replicate in range(3)]
    for layer in LAYERS:
        mask = MASKS[layer.weight]
        values = [INITIAL[layer.weight][mask], *(draw[layer.weight][mask] for draw in draws)]
        for i in range(4):
            for j in range(i):
                assert (values[i] != values[j]).mean() > 0.99
        sigma = standard_deviation(layer, GLOROT)
        assert all(np.abs(value).max() <= 2 * sigma for value in values)
        error = 4 * 0.88 * sigma / np.sqrt(mask.sum())
        assert all(abs(value.mean()) < error for value in values)
        assert all(abs(value.std() - 0.88 * sigma) < 2 * error for value in values)


def test_resampling_draws_surviving_values_of_the_layer_with_replacement() -> None:
    draws = [start("resample_from_ticket", replicate) for replicate in range(2)]
    for layer in LAYERS:
        mask = MASKS[layer.weight]
        survivors = INITIAL[layer.weight][mask]
        values = [draw[layer.weight][mask] for draw in draws]
        assert all(np.isin(value, survivors).all() for value in values)
        assert not np.array_equal(values[0], values[1])
        # With replacement 1 - 1/e of the values turn up.
        if survivors.size > 1000:
            share = len(np.unique(values[0])) / len(np.unique(survivors))
            assert share == pytest.approx(1 - np.exp(-1), abs=0.02)


@pytest.mark.parametrize("multiple", [0.5, 3.0])
def test_noise_has_that_multiple_of_the_nominal_deviation(multiple: float) -> None:
    weights = start("noise", masks=dense(LAYERS), multiple=multiple)
    for layer in LAYERS:
        noise = weights[layer.weight] - INITIAL[layer.weight]
        expected = multiple * standard_deviation(layer, GLOROT)
        # The deviation of n draws has a standard error of 1 / sqrt(2 n).
        assert noise.std() == pytest.approx(expected, rel=4 / np.sqrt(2 * layer.size))
        assert (weights[layer.bias] == 0).all()


def test_noise_differs_between_replicates() -> None:
    first, second = (start("noise", replicate, multiple=1.0) for replicate in range(2))
    assert not np.array_equal(first["fc1.weight"], second["fc1.weight"])


def test_rearranged_weights_are_the_tickets_own_each_once() -> None:
    weights = start("rearranged")
    for layer in LAYERS:
        placed = weights[layer.weight][MASKS[layer.weight]]
        own = INITIAL[layer.weight][TICKET[layer.weight]]
        assert np.array_equal(np.sort(placed), np.sort(own))
        assert not np.array_equal(placed, own)


def test_rewinding_goes_back_to_the_dense_run() -> None:
    early = initial_weights(LAYERS, GLOROT, seed=8, trial=0)
    assert np.array_equal(start("rewind")["fc1.weight"], early["fc1.weight"])
