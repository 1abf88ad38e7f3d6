"""One-shot pruning: the trained dense network is pruned in one step (Section 2, Figure 4)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field

from lth_core.arms.source import MASKS, WEIGHTS, Inputs, MaskSettings, Parent
from lth_core.networks.shapes import Masks
from lth_core.pruning.count import keep_in_one_shot
from lth_core.pruning.mask import keep_largest

T = TypeVar("T")


class Settings(MaskSettings):
    """Prune the trained dense network in one step; round i removes the i-th share."""

    source: Literal["oneshot"]
    shares: list[Annotated[float, Field(gt=0, lt=1)]] = Field(
        description="Shares removed from the kind of layer with the highest rate; the others"
        " follow in proportion to their rates."
    )
    prunes = True

    @property
    def sizes(self) -> list[float]:
        """The shares."""
        return self.shares

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the dense run."""
        return {"trained": Parent(None, 0, (WEIGHTS, MASKS))} if round_ else {}

    def keep(self, rates: Mapping[str, float], round_: int) -> dict[str, float]:
        """Return what stays when the round's share goes at once."""
        return keep_in_one_shot(rates, self.shares[round_ - 1])

    def told(self) -> dict[str, Any]:
        """Return nothing: `keep` says it all."""
        return {}

    def at_scale(self, thinned: Callable[[Sequence[T]], list[T]]) -> Self:
        """Return the settings with fewer shares."""
        return self.model_copy(update={"shares": thinned(self.shares)})  # type: ignore[arg-type]


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the dense masks without the smallest of the trained weights."""
    trained = inputs.parents["trained"]
    assert trained.weights is not None and trained.masks is not None
    keep, scope = settings["keep"], settings["scope"]
    return keep_largest(inputs.layers, trained.weights, trained.masks, keep, scope)
