"""Random reinitialisation that keeps the signs of theta_0 (Zhou et al., 2019)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """The magnitudes of a new draw, with the signs of theta_0."""

    source: Literal["reinit_with_sign"]


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return a new draw, each weight of it with its sign in theta_0."""
    found = draw_weights(inputs.layers, inputs.initialisation, inputs.generator)
    for layer in inputs.layers:
        found[layer.weight] = np.copysign(found[layer.weight], inputs.initial[layer.weight])
    return found
