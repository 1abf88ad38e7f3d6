"""The ticket's own initial values in other places (2018 version, control 2)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """The ticket's own initial values, each once, at the places of a `shuffled` mask."""

    source: Literal["rearranged"]
    with_masks = ("shuffled",)


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return theta_0 with the ticket's values, in random order, where the run's own mask is."""
    ticket = inputs.parents["ticket"].masks
    assert ticket is not None
    found = dict(inputs.initial)
    for layer in inputs.layers:
        survivors = inputs.initial[layer.weight][ticket[layer.weight]]
        values = np.zeros(layer.shape, dtype=np.float32)
        values[inputs.masks[layer.weight]] = inputs.generator.permutation(survivors)
        found[layer.weight] = values
    return found
