"""Pruning before training, by the loss's sensitivity to each weight (SNIP; Lee et al., 2019)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.batch import keep_in_all, probe_at
from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Masks


class Settings(MaskSettings):
    """The highest |theta_0 * gradient| on a few examples stay; all layers compete.

    In total as many stay as `pruning` says.
    """

    source: Literal["snip"]
    examples_per_class: int = Field(10, gt=0, description="Training examples of each class.")
    prunes = True


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks of the weights on which the loss at theta_0 depends most."""
    probe, rows = probe_at(inputs, settings["examples_per_class"])
    gradient = probe.gradient(inputs.initial, rows)
    names = [layer.weight for layer in inputs.layers]
    scores = {name: np.abs(inputs.initial[name] * gradient[name]) for name in names}
    return keep_in_all(settings, inputs, scores)
