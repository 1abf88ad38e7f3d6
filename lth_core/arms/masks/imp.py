"""Iterative magnitude pruning (Section 1, steps 3 and 4)."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from lth_core.arms.source import MASKS, WEIGHTS, Inputs, MaskSettings, Parent
from lth_core.networks.shapes import Masks
from lth_core.pruning.mask import keep_largest


class Settings(MaskSettings):
    """Iterative magnitude pruning: prune the trained weights of the round before."""

    source: Literal["imp"]
    chain: str | None = Field(
        None, description="Experiment whose round before is pruned; null: this one."
    )
    prunes = True

    @property
    def experiments(self) -> dict[str, str]:
        """The chain, where it is another experiment."""
        return {} if self.chain is None else {"chain": self.chain}

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the trained run of the round before."""
        return {"trained": Parent(self.chain, round_ - 1, (WEIGHTS, MASKS))} if round_ else {}


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the masks of the round before without the smallest of its trained weights."""
    trained = inputs.parents["trained"]
    assert trained.weights is not None and trained.masks is not None
    keep, scope = settings["keep"], settings["scope"]
    return keep_largest(inputs.layers, trained.weights, trained.masks, keep, scope)
