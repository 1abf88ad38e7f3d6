"""What a lane starts from: its arm's mask over its arm's weights, read from its parents' files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lth_core.arms import source_module, sources
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.streams import stream
from lth_core.training.batches import Batches
from lth_core.training.checkpoint import save_lanes
from lth_core.training.defaults import completed
from lth_core.training.start import draws_of, starting_point

NETWORK = {"input": [12], "layers": [{"type": "dense", "units": 30}], "classes": 5}
LAYERS = weight_layers(NETWORK)
LANE = (3, 1)
# Of a mask source and a weight source: their settings, and their parents.
KEEP = {"keep": {"fc": 0.5, "output": 0.5}, "scope": "layer"}
TRAINED, TICKET, REWOUND = "trained", "ticket", "rewound"
MASK_SOURCES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "dense": ({}, []),
    "imp": (KEEP, [TRAINED]),
    "magnitude_at_init": (KEEP, []),
    "of": ({}, [TICKET]),
    "oneshot": (KEEP, [TRAINED]),
    "random": (KEEP, []),
    "shuffled": ({}, [TICKET]),
}
WEIGHT_SOURCES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "continue": ({}, [TRAINED]),
    "noise": ({"multiple": 0.5}, []),
    "original": ({}, []),
    "rearranged": ({}, [TICKET]),
    "reinit": ({}, []),
    "resample_from_ticket": ({}, []),
    "rewind": ({}, [REWOUND]),
}
# Tested in tests/arms: they need data, or weights with a sign.
PEERS_MASKS = [
    "criterion", "gradual", "grasp", "intersection", "pool", "random_ratios", "shuffled_across",
    "snip", "supermask", "synflow", "units",
]  # fmt: skip
PEERS_WEIGHTS = [
    "between", "permuted", "pool", "pretrained", "redistributed", "reinit_with_sign",
    "signed_constant",
]  # fmt: skip
PAIRS = [
    (mask, weights)
    for mask in MASK_SOURCES
    for weights in WEIGHT_SOURCES
    if mask in (source_module("weights", weights).Settings.with_masks or MASK_SOURCES)
]


def draw(seed: int) -> Weights:
    return initial_weights(LAYERS, {"distribution": "normal", "std": 1, "truncate": None}, seed, 0)


def ticket() -> Masks:
    generator = stream("ticket")
    return {la.weight: generator.permutation(la.size).reshape(la.shape) < la.size // 2
            for la in LAYERS}  # fmt: skip


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    """The folder of a job whose second lane is LANE."""
    others = [(3, 0), LANE]
    weights, early = [draw(1), draw(2)], [draw(3), draw(4)]
    save_lanes(tmp_path / "weights.safetensors", others, weights, early)
    dense = {name: np.ones_like(mask) for name, mask in ticket().items()}
    save_lanes(tmp_path / "masks.safetensors", others, [dense, ticket()])
    return tmp_path


def start(parent: Path, mask: str, weights: str, replicate: int = 0) -> tuple[Masks, Weights]:
    own_mask, of_mask = MASK_SOURCES[mask]
    own_weights, of_weights = WEIGHT_SOURCES[weights]
    place = {"folder": str(parent), "trial": LANE[0], "replicate": LANE[1]}
    job = completed(
        {
            "network": NETWORK,
            "initialisation": {},
            "mask": {"source": mask, **own_mask},
            "weights": {"source": weights, **own_weights},
            "round": 1,
            "seed": 0,
            "reads": {f"{parent}/manifest.json": ["weights.safetensors", "masks.safetensors"]},
        }
    )
    parents = dict.fromkeys([*of_mask, *of_weights], place)
    lane = {"trial": 0, "replicate": replicate, "parents": parents}
    return starting_point(job, lane, LAYERS, dict)


def test_all_sources_are_here() -> None:
    assert sorted([*MASK_SOURCES, *PEERS_MASKS]) == sources("masks")
    assert sorted([*WEIGHT_SOURCES, *PEERS_WEIGHTS]) == sources("weights")


@pytest.mark.parametrize(("mask", "weights"), PAIRS)
def test_pruned_weights_are_exactly_zero(mask: str, weights: str, parent: Path) -> None:
    masks, found = start(parent, mask, weights)
    assert set(found) == {name for layer in LAYERS for name in layer.tensors}
    for name, kept in masks.items():
        assert kept.dtype == bool and found[name].dtype == np.float32
        assert (found[name][~kept] == 0).all() and (found[name][kept] != 0).all()
        assert kept.all() == (mask == "dense")


def test_a_parent_is_read_lane_by_lane(parent: Path) -> None:
    masks, weights = start(parent, "of", "rewind")
    for name, mask in ticket().items():
        assert np.array_equal(masks[name], mask)
        assert np.array_equal(weights[name], np.where(mask, draw(4)[name], 0))


def test_masks_and_weights_have_streams_of_their_own(parent: Path) -> None:
    first, _ = start(parent, "random", "original")
    second, drawn = start(parent, "random", "noise")
    third, _ = start(parent, "random", "reinit")
    name = LAYERS[0].weight
    assert not np.array_equal(first[name], second[name])
    assert not np.array_equal(second[name], third[name])
    again, same = start(parent, "random", "noise")
    assert np.array_equal(second[name], again[name]) and np.array_equal(drawn[name], same[name])


PLACE = {"trial": 0, "replicate": 0}
DRAWN = {
    "seed": 0,
    "round": 1,
    "mask": {"source": "of"},
    "weights": {"source": "reinit"},
    "network": {"layers": [{"type": "dropout", "rate": 0.5}]},
    "training": {"batch_size": 7, "drop_last": False, "augmentation": "flip_crop"},
}


def drawn(lane: dict[str, int], job: dict[str, Any]) -> Batches:
    return draws_of({**DRAWN, **job}, {**PLACE, **lane}, 50).between(0, 8)


@pytest.mark.parametrize(
    ("lane", "job"),
    [
        ({"trial": 1}, {}),
        ({"replicate": 1}, {}),
        ({}, {"round": 2}),
        ({}, {"seed": 1}),
        ({}, {"mask": {"source": "random"}}),
        ({}, {"weights": {"source": "original"}}),
    ],
)
def test_all_of_a_runs_place_names_its_streams(lane: dict[str, int], job: dict[str, Any]) -> None:
    """Else two runs, such as three reinitialisations of one ticket, would be one."""
    first, other = drawn({}, {}), drawn(lane, job)
    for name in ("rows", "crops", "seeds"):
        assert not np.array_equal(getattr(first, name), getattr(other, name)), name


def test_draws_are_those_that_the_settings_ask_for() -> None:
    assert drawn({}, {}).crops is not None and drawn({}, {}).seeds is not None
    training = DRAWN["training"] | {"augmentation": "none"}
    plain = drawn({}, {"training": training, "network": {"layers": []}})
    assert plain.crops is None and plain.seeds is None
    # Of 50 examples 49 make seven batches: the eighth begins another epoch, or ends the first.
    dropped = drawn({}, {"training": DRAWN["training"] | {"drop_last": True}})
    whole = drawn({}, {})
    assert np.array_equal(dropped.rows[:7], whole.rows[:7])
    assert not np.array_equal(dropped.rows[7], whole.rows[7])


def test_replicates_draw_masks_and_weights_of_their_own(parent: Path) -> None:
    (mask, weights), (other_mask, other_weights) = (
        start(parent, "random", "reinit", replicate) for replicate in (0, 1)
    )
    name = LAYERS[0].weight
    assert not np.array_equal(mask[name], other_mask[name])
    both = mask[name] & other_mask[name]
    assert (weights[name][both] != other_weights[name][both]).all()
