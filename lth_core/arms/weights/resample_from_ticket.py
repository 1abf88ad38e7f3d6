"""Starting weights drawn from the ticket's own initial values (Appendix F.3)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """Draws, with replacement, from the layer's own surviving initial values."""

    source: Literal["resample_from_ticket"]


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return theta_0 with every surviving weight drawn anew from those of its layer."""
    found = dict(inputs.initial)
    for layer in inputs.layers:
        mask = inputs.masks[layer.weight]
        survivors = inputs.initial[layer.weight][mask]
        values = np.zeros(layer.shape, dtype=np.float32)
        values[mask] = inputs.generator.choice(survivors, size=survivors.size, replace=True)
        found[layer.weight] = values
    return found
