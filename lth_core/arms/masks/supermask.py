"""Supermasks: only the mask is trained (Zhou et al., 2019; Koster et al., 2022)."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Masks
from lth_core.pruning.mask import dense


class Settings(MaskSettings):
    """Train a score for every weight, and no weight: the scores say at the end which stay.

    How many do is measured, not set. Biases are not trained either.
    """

    source: Literal["supermask"]
    form: Literal["signed", "binary"] = Field(
        description="What a score does: `signed`, keep, hide or invert its weight by sign and"
        " threshold (Koster et al., 2022); `binary`, keep it with the chance sigmoid(score) while"
        " training, and at evaluations where that is above 1/2 (Zhou et al., 2019)."
    )
    threshold: float = Field(
        0.4,
        ge=0,
        lt=1,
        description="Of `signed`: share of a layer's largest |score| at the start; scores up to it"
        " hide their weight.",
    )
    decay: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of every score that each iteration takes off; falls as the learning"
        " rate does.",
    )
    dense_first = False

    @model_validator(mode="after")
    def _threshold_is_used(self) -> Self:
        if self.form == "binary" and "threshold" in self.model_fields_set:
            raise ValueError("threshold: only the form `signed` has one")
        return self


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks that keep everything: what scores hide is not pruned before the end."""
    return dense(inputs.layers)
