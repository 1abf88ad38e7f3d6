"""Iterative pruning of whole units and filters, by the norm of their incoming weights."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np

from lth_core.arms.source import MASKS, WEIGHTS, Inputs, MaskSettings, Parent
from lth_core.networks.shapes import Layer, Masks, steps


class Settings(MaskSettings):
    """The units and filters of the round before with the largest L2 norms stay.

    `pruning` gives the share of units; fewer weights stay, since outgoing ones go with a unit. The
    output layer keeps its units, and so does what goes into a residual block or out of it.
    """

    source: Literal["units"]
    prunes = True

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the trained run of the round before."""
        return {"trained": Parent(None, round_ - 1, (WEIGHTS, MASKS))} if round_ else {}


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the masks of the round before without its weakest units.

    A unit goes with its incoming and outgoing weights, so that its bias reaches nothing. Of
    equal units the first stay; NaN, left by a diverged run, goes first.
    """
    trained = inputs.parents["trained"]
    assert trained.weights is not None and trained.masks is not None
    found = {name: mask.copy() for name, mask in trained.masks.items()}
    for layer, after in _pairs(inputs.network):
        weights, mask = trained.weights[layer.weight], trained.masks[layer.weight]
        keep = round(layer.shape[0] * settings["keep"][layer.kind])
        gone = np.argsort(-_strengths(weights, mask), kind="stable")[keep:]
        found[layer.weight][gone] = False
        # Behind pools, a dense layer has several inputs of each filter, one after the other.
        inputs_of = found[after.weight].reshape(after.shape[0], layer.shape[0], -1)
        inputs_of[:, gone] = False
    return found


def _strengths(weights: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the squared norm of each unit's surviving weights.

    It is below 0 for a unit that has none, and just above that for NaN.
    """
    units = len(weights)
    kept = np.where(mask, weights, 0).reshape(units, -1).astype(np.float64)
    norms = np.nan_to_num((kept**2).sum(axis=1), nan=-1)
    return np.where(mask.reshape(units, -1).any(axis=1), norms, -2)


def _pairs(network: Mapping[str, Any]) -> Iterator[tuple[Layer, Layer]]:
    """Yield the layers whose units may go, in forward order, each with the one that follows."""
    before = None  # a layer that nothing but the next one reads
    for step in steps(dict(network)):
        if step.spec["type"] == "residual":
            yield step.layers[0], step.layers[1]
            before = None
        elif step.layers:
            [layer] = step.layers
            if before is not None:
                yield before, layer
            before = layer
