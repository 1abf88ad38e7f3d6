"""Surviving initial values, permuted within each layer (Zhou et al., 2019; Su et al., 2020)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """The layer's own surviving initial values, each once, permuted; the mask stays."""

    source: Literal["permuted"]
    sign: Literal["original", "random"] = Field(
        "random",
        description="The sign that theta_0 has at the place, or, at random, that of the value.",
    )


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return theta_0 with the surviving values of each layer permuted among its survivors."""
    found = dict(inputs.initial)
    for layer in inputs.layers:
        mask, initial = inputs.masks[layer.weight], inputs.initial[layer.weight]
        values = np.zeros(layer.shape, dtype=np.float32)
        values[mask] = inputs.generator.permutation(initial[mask])
        if settings["sign"] == "original":
            values = np.copysign(values, initial)
        found[layer.weight] = values
    return found
