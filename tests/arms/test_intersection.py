"""COLT: each part prunes a share of what is left to it, and what all keep stays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from lth_core.arms.masks import imp, intersection
from lth_core.arms.source import Inputs, Network
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.pruning.mask import dense
from lth_core.runs.run import Run
from lth_core.streams import stream
from tests.projects import plan_at

GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
FLAT = {"input": [5], "layers": [], "classes": 1}
DEEP = {"input": [20], "layers": [{"type": "dense", "units": 10}], "classes": 5}


def found(
    network: Mapping[str, Any], parts: list[Weights], keep: Mapping[str, float],
    before: Masks | None = None, scope: str = "layer",
) -> Masks:  # fmt: skip
    layers = weight_layers(dict(network))
    masks = before or dense(layers)
    parents = {f"trained_{n}": Network(part, masks) for n, part in enumerate(parts)}
    inputs = Inputs(layers, GLOROT, {}, parents, stream("no draws"))
    return intersection.masks({"keep": keep, "scope": scope}, inputs)


def flat(*values: float) -> Weights:
    return {"output.weight": np.array([values], np.float32)}


def kept(parts: list[Weights], share: float, before: list[bool] | None = None) -> list[int]:
    masks = None if before is None else {"output.weight": np.array([before])}
    mask = found(FLAT, parts, {"output": share}, masks)["output.weight"]
    return np.flatnonzero(mask).tolist()


def test_what_both_parts_keep_stays() -> None:
    """A keeps 0, 1 and 3, B keeps 1, 2 and 3."""
    parts = [flat(3, -1, 0.5, 2, -0.1), flat(0.2, -2, 1, 3, 0.4)]
    assert kept(parts, 0.6) == [1, 3]


def test_a_part_prunes_a_share_of_what_is_left() -> None:
    """Of four, half stay in each part: 0 and 4, and 2 and 4; what is gone doesn't come back."""
    before = [True, False, True, True, True]
    assert kept([flat(4, 9, 1, 2, 3), flat(1, 9, 4, 2, 3)], 0.5, before) == [4]


def test_of_equal_weights_the_first_stay_in_every_part() -> None:
    assert kept([flat(1, 1, 1, 1, 1), flat(-2, 2, -2, 2, 2)], 0.4) == [0, 1]


def test_a_layer_may_end_up_empty_and_stays_so() -> None:
    parts = [flat(5, 4, 1, 1, 1), flat(1, 1, 1, 4, 5)]
    assert kept(parts, 0.4) == []
    assert kept(parts, 0.4, [False] * 5) == []


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("scope", ["layer", "kind", "global"])
def test_parts_that_agree_are_iterative_pruning(copies: int, scope: str) -> None:
    layers = weight_layers(dict(DEEP))
    trained = draw_weights(layers, GLOROT, np.random.default_rng(0))
    keep = {"fc": 0.5, "output": 0.5}
    ours = found(DEEP, [trained] * copies, keep, scope=scope)
    inputs = Inputs(
        layers, GLOROT, {}, {"trained": Network(trained, dense(layers))}, stream("no draws")
    )
    theirs = imp.masks({"keep": keep, "scope": scope}, inputs)
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def test_a_rate_of_zero_prunes_nothing() -> None:
    layers = weight_layers(dict(DEEP))
    parts = [draw_weights(layers, GLOROT, np.random.default_rng(seed)) for seed in (0, 1)]
    mask = found(DEEP, parts, {"fc": 0.5, "output": 1.0})
    assert mask["output.weight"].all() and mask["fc1.weight"].sum() < 100


def test_both_parts_have_one_mask_and_names_are_no_setting() -> None:
    """A round starts from the same runs in both, and does the same with them."""
    plan = plan_at("paper")
    one, other = (Run(name, 3, 0, 0) for name in ("colt_0to4", "colt_5to9"))
    assert plan.parents(one) == plan.parents(other)
    settings = plan.settings(one)
    assert settings["mask"] == plan.settings(other)["mask"]
    assert settings["mask"] == {
        "source": "intersection", "keep": {"fc": 0.8, "output": 1.0}, "scope": "layer",
    }  # fmt: skip
