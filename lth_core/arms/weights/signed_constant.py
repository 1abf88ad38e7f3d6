"""One magnitude for all weights of a layer: only their signs differ (Zhou et al., 2019)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.initial import standard_deviation
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """Plus or minus the deviation of the layer's initial weights."""

    source: Literal["signed_constant"]
    sign: Literal["original", "random"] = Field(
        "original", description="The sign of theta_0, or one drawn with equal chances."
    )
    spread: Literal["nominal", "empirical"] = Field(
        "nominal",
        description="The deviation of the layer's distribution, before it is truncated, or that"
        " of its weights in theta_0.",
    )


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return theta_0 with a sign times the layer's deviation for every weight.

    A weight that is 0 in theta_0 has no original sign, and stays 0.
    """
    found = dict(inputs.initial)
    for layer in inputs.layers:
        initial = inputs.initial[layer.weight]
        std = standard_deviation(layer, inputs.initialisation)
        if settings["spread"] == "empirical":
            std = float(initial.std(dtype=np.float64))
        sign = np.sign(initial)
        if settings["sign"] == "random":
            sign = inputs.generator.choice([-1.0, 1.0], layer.shape)
        found[layer.weight] = (sign * std).astype(np.float32)
    return found
