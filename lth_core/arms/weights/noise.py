"""Initial weights with noise added (Appendix F.7)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.initial import standard_deviation
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """theta_0 plus Gaussian noise."""

    source: Literal["noise"]
    multiple: float = Field(gt=0, description="Noise in units of the layer's initial deviation.")


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return theta_0 plus noise of `multiple` times each layer's nominal deviation."""
    found = dict(inputs.initial)
    for layer in inputs.layers:
        std = settings["multiple"] * standard_deviation(layer, inputs.initialisation)
        noise = inputs.generator.standard_normal(layer.shape) * std
        found[layer.weight] = (inputs.initial[layer.weight] + noise).astype(np.float32)
    return found
