"""Training continued from round to round, without a reset (Appendix B, Strategy 2)."""

from collections.abc import Mapping
from typing import Any, Literal

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """The trained weights of the round before."""

    source: Literal["continue"]
    with_masks = ("imp",)  # it reads that round already

    def told(self, round_: int) -> dict[str, Any]:
        """Return `original` for round 0, which has no round before."""
        return {"source": self.source if round_ else "original"}


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return the trained weights of the round that was pruned."""
    trained = inputs.parents["trained"].weights
    assert trained is not None
    return trained
