"""Gradual pruning while training (Zhu & Gupta, 2017), in a loop of its own."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Masks
from lth_core.pruning.gradual import Schedule
from lth_core.pruning.mask import dense


class Settings(MaskSettings):
    """Prune the smallest weights while training, step by step down to the size of the round."""

    source: Literal["gradual"]
    schedule: Schedule = Field(
        description="How much of the pruning is done: `constant`, all at the first step; `linear`,"
        " as much at each; `cubic`, most at first (Zhu & Gupta, 2017)."
    )
    begin: float = Field(0.0, ge=0, lt=1, description="Share of the run after which steps begin.")
    end: float = Field(gt=0, le=1, description="Share of the run at which the last step is done.")
    steps: int = Field(
        gt=0, description="Number of steps, evenly spread; each is done at the nearest evaluation."
    )
    prunes = True

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.end <= self.begin:
            raise ValueError(f"end: found {self.end:g}, should be above `begin`, {self.begin:g}")
        return self


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks that keep everything, from which training starts."""
    return dense(inputs.layers)
