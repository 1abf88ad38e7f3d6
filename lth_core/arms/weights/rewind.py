"""Rewinding: back to an early iteration of the dense run, not to theta_0."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

from pydantic import Field

from lth_core.arms.source import WEIGHTS, Inputs, Parent, WeightSettings
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """The weights of the dense run at an early iteration, in place of theta_0."""

    source: Literal["rewind"]
    iteration: int = Field(gt=0, description="That iteration, one at which runs are evaluated.")
    with_masks = ("imp", "oneshot")

    @property
    def snapshot(self) -> int:
        """The dense run keeps its weights then."""
        return self.iteration

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the dense run."""
        return {"rewound": Parent(None, 0, (WEIGHTS,))} if round_ else {}

    def told(self, round_: int) -> dict[str, Any]:
        """Return `original` for the dense run itself."""
        return {"source": self.source if round_ else "original"}

    def at_scale(self, rescaled: Callable[[int], int]) -> Self:
        """Return the settings with the scale's iteration."""
        return self.model_copy(update={"iteration": rescaled(self.iteration)})


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return what the dense run kept."""
    rewound = inputs.parents["rewound"].snapshot
    assert rewound
    return rewound
