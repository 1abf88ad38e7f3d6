"""Pruning before training, by how much the loss hangs on each weight (SNIP; Lee et al., 2019)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.batch import balanced_rows
from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Masks
from lth_core.pruning.count import Pool, weights_remaining
from lth_core.pruning.mask import dense, keep_highest


class Settings(MaskSettings):
    """The highest |theta_0 * gradient| on a few examples stay; all layers compete.

    In total as many stay as `pruning` says.
    """

    source: Literal["snip"]
    examples_per_class: int = Field(10, gt=0, description="Training examples of each class.")
    prunes = True


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks of the weights on which the loss at theta_0 hangs most."""
    from lth_core.arms.probe import Probe  # imports PyTorch

    splits, layers = inputs.splits(), inputs.layers
    labels, examples = splits["train"].labels, settings["examples_per_class"]
    rows = balanced_rows(labels, examples, inputs.generator)
    gradient = Probe(inputs.network, splits).gradient(inputs.initial, rows)
    scores = {
        layer.weight: np.abs(inputs.initial[layer.weight] * gradient[layer.weight]).ravel()
        for layer in layers
    }
    total = weights_remaining(layers, settings["keep"], settings["scope"])
    return keep_highest(scores, dense(layers), [Pool(tuple(layers), total)])
