"""Shared by sources that prune before training, at a few examples: all layers compete."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lth_core.arms.source import Inputs
from lth_core.networks.shapes import Masks
from lth_core.pruning.count import Pool, weights_remaining
from lth_core.pruning.mask import dense, keep_highest

if TYPE_CHECKING:
    from lth_core.arms.probe import Probe


def probe_at(inputs: Inputs, per_class: int) -> "tuple[Probe, np.ndarray]":
    """Return a probe of the network, and rows of `per_class` random examples of every class."""
    from lth_core.arms.probe import Probe  # imports PyTorch

    splits = inputs.splits()
    rows = balanced_rows(splits["train"].labels, per_class, inputs.generator)
    return Probe(inputs.network, splits), rows


def keep_in_all(
    settings: Mapping[str, Any], inputs: Inputs, scores: Mapping[str, np.ndarray]
) -> Masks:
    """Return masks of the highest of all scores, in total as many as the settings keep.

    scores: by the name of the weight, in its shape.
    """
    layers = inputs.layers
    total = weights_remaining(layers, settings["keep"], settings["scope"])
    flat = {layer.weight: scores[layer.weight].ravel() for layer in layers}
    return keep_highest(flat, dense(layers), [Pool(tuple(layers), total)])


def balanced_rows(labels: np.ndarray, per_class: int, generator: np.random.Generator) -> np.ndarray:
    """Return rows of `per_class` random examples of every class; all of one that has fewer.

    labels: (N,) of the training set. Classes follow each other in rising order.
    """
    order = generator.permutation(len(labels))
    return np.concatenate(
        [order[labels[order] == label][:per_class] for label in np.unique(labels)]
    )
