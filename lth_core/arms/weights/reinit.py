"""Random reinitialisation: the control of every ticket (Section 1)."""

from collections.abc import Mapping
from typing import Any, Literal

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """A new draw from the distribution of the dense network."""

    source: Literal["reinit"]


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return a new draw."""
    return draw_weights(inputs.layers, inputs.initialisation, inputs.generator)
