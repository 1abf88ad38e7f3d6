"""Mask sources: what each keeps."""

from typing import Any

import numpy as np
import pytest

from lth_core.arms.masks import MASK_SOURCES, MaskInputs, make_masks
from lth_core.arms.weights import initial_weights
from lth_core.config.arm import Drawn, Imp, Of, OneShot, Shuffled
from lth_core.networks.shapes import Layer, Masks
from lth_core.pruning.mask import dense
from lth_core.streams import stream

LAYERS = [Layer("fc1", "fc", (30, 40)), Layer("output", "output", (10, 30))]
GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
INITIAL = initial_weights(LAYERS, GLOROT, seed=0, trial=0)
TRAINED = initial_weights(LAYERS, GLOROT, seed=1, trial=0)


def masks(source: str, keep: float = 0.8, replicate: int = 0, **inputs: Any) -> Masks:
    settings = {"source": source, "keep": {"fc": keep, "output": (1 + keep) / 2}, "scope": "layer"}
    all_inputs = {
        "layers": LAYERS,
        "initial": INITIAL,
        "trained": TRAINED,
        "previous": dense(LAYERS),
        "ticket": None,
        "generator": stream(0, 0, replicate, "mask"),
        **inputs,
    }
    return make_masks(settings, MaskInputs(**all_inputs))


def assert_largest(kept: Masks, weights: dict[str, np.ndarray]) -> None:
    for name, mask in kept.items():
        magnitude = np.abs(weights[name])
        assert magnitude[mask].min() > magnitude[~mask].max()


def test_every_source_of_the_config_is_there() -> None:
    fields = [model.model_fields["source"] for model in (Imp, OneShot, Drawn, Of, Shuffled)]
    valid = {source for field in fields for source in field.annotation.__args__}  # type: ignore[union-attr]
    assert set(MASK_SOURCES) == valid


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
    before = masks("imp", 0.8)
    after = masks("imp", 0.64, trained=INITIAL, previous=before)
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
    settings = {"source": "imp", "keep": {"fc": 0.8, "output": 0.8}, "scope": "global"}
    inputs = MaskInputs(LAYERS, INITIAL, trained, dense(LAYERS), None, stream("unused"))
    kept = make_masks(settings, inputs)
    assert sum(mask.sum() for mask in kept.values()) == 1200
    assert kept["output.weight"].mean() < 0.5 < 0.8 < kept["fc1.weight"].mean()


def test_shuffled_keeps_as_many_of_each_layer_elsewhere() -> None:
    ticket = masks("imp", keep=0.3)
    drawn = masks("shuffled", ticket=ticket)
    for name, kept in ticket.items():
        assert drawn[name].sum() == kept.sum() and not np.array_equal(drawn[name], kept)
    assert not np.array_equal(
        drawn["fc1.weight"], masks("shuffled", replicate=1, ticket=ticket)["fc1.weight"]
    )
