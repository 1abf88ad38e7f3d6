"""Intersection of the masks of networks trained on parts of the data (COLT, arXiv 2212.12770)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.source import MASKS, WEIGHTS, Inputs, MaskSettings, Parent
from lth_core.networks.shapes import Masks
from lth_core.pruning.count import Pool, pools
from lth_core.pruning.mask import keep_highest
from lth_core.pruning.score import magnitude


class Settings(MaskSettings):
    """The weights that all of several experiments keep, each pruned by magnitude.

    The rate is a share of what is left to each. Together they lose more than that, so that sizes
    differ from trial to trial.
    """

    source: Literal["intersection"]
    parts: list[str] = Field(
        min_length=1, description="Experiments whose trained round before is pruned."
    )
    prunes = True

    @property
    def experiments(self) -> dict[str, str]:
        """The parts."""
        return {f"parts.{number}": name for number, name in enumerate(self.parts)}

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the trained runs of the round before."""
        if round_ == 0:
            return {}
        return {
            f"trained_{number}": Parent(name, round_ - 1, (WEIGHTS, MASKS))
            for number, name in enumerate(self.parts)
        }

    def keep(self, rates: Mapping[str, float], round_: int) -> dict[str, float]:
        """Return the share of what is left that stays, whatever the round."""
        return {kind: 1 - rate for kind, rate in rates.items()}

    def told(self) -> dict[str, Any]:
        """Return nothing: the parts are parents."""
        return {}


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the weights that the pruned masks of all parts keep."""
    keep = settings["keep"]
    planned = pools(inputs.layers, keep, settings["scope"])
    kept: list[Masks] = []
    for role, part in inputs.parents.items():
        if role.startswith("trained_"):
            assert part.weights is not None and part.masks is not None
            scores = {la.weight: magnitude(part.weights[la.weight]) for la in inputs.layers}
            left = [_of_what_is_left(pool, keep, part.masks) for pool in planned]
            kept.append(keep_highest(scores, part.masks, left))
    return {name: np.logical_and.reduce([one[name] for one in kept]) for name in kept[0]}


def _of_what_is_left(pool: Pool, keep: Mapping[str, float], before: Masks) -> Pool:
    """Return the pool with its share of the weights in `before`, to the nearest whole one."""
    left = sum(int(before[layer.weight].sum()) for layer in pool.layers)
    return Pool(pool.layers, round(left * keep[pool.layers[0].kind]))
