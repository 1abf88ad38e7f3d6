"""Mask sources: what each keeps."""

from collections.abc import Mapping

import numpy as np
import pytest

from lth_core.arms import source_module, sources
from lth_core.arms.source import Inputs, Network
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Layer, Masks, Weights
from lth_core.pruning.mask import dense
from lth_core.streams import stream

LAYERS = [Layer("fc1", "fc", (30, 40)), Layer("output", "output", (10, 30))]
GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
INITIAL = initial_weights(LAYERS, GLOROT, seed=0, trial=0)
TRAINED = initial_weights(LAYERS, GLOROT, seed=1, trial=0)

SHARES = {"fc": 0.8, "output": 0.9}


def shares(fc: float) -> dict[str, float]:
    return {"fc": fc, "output": (1 + fc) / 2}


def masks(
    source: str,
    keep: Mapping[str, float] = SHARES,
    scope: str = "layer",
    replicate: int = 0,
    layers: list[Layer] = LAYERS,
    initial: Weights = INITIAL,
    trained: Weights | None = TRAINED,
    previous: Masks | None = None,
    ticket: Masks | None = None,
) -> Masks:
    inputs = Inputs(
        layers=layers,
        initialisation=GLOROT,
        initial=initial,
        parents={
            "trained": Network(weights=trained, masks=previous or dense(layers)),
            "ticket": Network(masks=ticket),
        },
        generator=stream(0, 0, replicate, "mask"),
    )
    found: Masks = source_module("masks", source).masks({"keep": keep, "scope": scope}, inputs)
    return found


def assert_largest(kept: Masks, weights: dict[str, np.ndarray]) -> None:
    for name, mask in kept.items():
        magnitude = np.abs(weights[name])
        assert magnitude[mask].min() > magnitude[~mask].max()


def test_every_source_is_here() -> None:
    tested = {"dense", "imp", "magnitude_at_init", "of", "oneshot", "random", "shuffled"}
    elsewhere = {
        "criterion",
        "gradual",
        "grasp",
        "intersection",
        "pool",
        "random_ratios",
        "shuffled_across",
        "snip",
        "supermask",
        "synflow",
        "units",
    }
    assert set(sources("masks")) == tested | elsewhere


@pytest.mark.parametrize("source", ["imp", "oneshot", "random", "magnitude_at_init"])
def test_each_layer_keeps_exactly_its_share(source: str) -> None:
    kept = masks(source)
    assert {name: int(mask.sum()) for name, mask in kept.items()} == {
        "fc1.weight": round(1200 * 0.8),
        "output.weight": round(300 * 0.9),
    }


@pytest.mark.parametrize("source", ["imp", "oneshot"])
def test_pruning_goes_by_the_trained_weights(source: str) -> None:
    assert_largest(masks(source), TRAINED)


def test_pruning_at_initialisation_goes_by_the_initial_weights() -> None:
    assert_largest(masks("magnitude_at_init"), INITIAL)


def test_iterative_pruning_is_nested() -> None:
    before = masks("imp")
    after = masks("imp", shares(0.64), trained=INITIAL, previous=before)
    for name in before:
        assert not (after[name] & ~before[name]).any()
        assert after[name].sum() < before[name].sum()


def test_random_masks_ignore_all_weights_and_follow_their_stream() -> None:
    once, again = masks("random"), masks("random", initial=TRAINED, trained=None)
    other = masks("random", replicate=1)
    for name in once:
        assert np.array_equal(once[name], again[name])
        assert not np.array_equal(once[name], other[name])


def test_dense_keeps_all() -> None:
    assert all(mask.all() for mask in masks("dense").values())


def test_the_mask_of_another_experiment_is_taken_over() -> None:
    ticket = masks("imp")
    assert masks("of", ticket=ticket) is ticket


def test_global_scope_prunes_more_where_weights_are_small() -> None:
    trained = {name: value * (10 if name == "fc1.weight" else 1) for name, value in TRAINED.items()}
    kept = masks("imp", {"fc": 0.8, "output": 0.8}, "global", trained=trained)
    assert sum(mask.sum() for mask in kept.values()) == 1200
    assert kept["output.weight"].mean() < 0.5 < 0.8 < kept["fc1.weight"].mean()


def test_the_layers_of_a_kind_compete_with_each_other() -> None:
    layers = [*LAYERS, Layer("fc2", "fc", (30, 40))]
    small = {"fc2.weight": TRAINED["fc1.weight"] / 10}
    trained = {**TRAINED, **small}
    kept = masks("imp", SHARES, "kind", layers=layers, trained=trained, previous=dense(layers))
    assert kept["fc1.weight"].sum() + kept["fc2.weight"].sum() == 2 * 1200 * 0.8
    assert kept["fc2.weight"].mean() < 0.8 < kept["fc1.weight"].mean()
    assert kept["output.weight"].sum() == 300 * 0.9


def test_shuffled_keeps_as_many_of_each_layer_elsewhere() -> None:
    ticket = masks("imp", shares(0.3))
    drawn = masks("shuffled", ticket=ticket)
    for name, kept in ticket.items():
        assert drawn[name].sum() == kept.sum() and not np.array_equal(drawn[name], kept)
    assert not np.array_equal(
        drawn["fc1.weight"], masks("shuffled", replicate=1, ticket=ticket)["fc1.weight"]
    )
