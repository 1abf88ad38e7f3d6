"""Pruning before training, without data, by the flow through each weight (Tanaka et al., 2020)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Layer, Masks, Weights
from lth_core.pruning.count import Pool, weights_remaining
from lth_core.pruning.mask import dense, keep_highest


class Settings(MaskSettings):
    """SynFlow: the weights of theta_0 with the most flow stay, pruned in many small steps.

    All layers compete; in total as many stay as `pruning` says.
    """

    source: Literal["synflow"]
    steps: int = Field(100, gt=0, description="In which the same share goes each time.")
    prunes = True


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks of the weights that most of the flow at theta_0 goes through."""
    layers, steps = inputs.layers, settings["steps"]
    whole = sum(layer.size for layer in layers)
    share = weights_remaining(layers, settings["keep"], settings["scope"]) / whole
    kept = dense(layers)
    for step in range(1, steps + 1):
        scores = _scores(inputs.network, layers, inputs.initial, kept)
        pool = Pool(tuple(layers), round(whole * share ** (step / steps)))
        kept = keep_highest(scores, kept, [pool])
    return kept


def _scores(
    network: Mapping[str, Any], layers: Sequence[Layer], weights: Weights, masks: Masks
) -> dict[str, np.ndarray]:
    """Return the flow through each weight, float64 and flat: |theta| times its derivative."""
    import torch  # takes seconds

    from lth_core.networks.flow import flow

    torch.set_num_threads(1)  # or the last bits would depend on the machine
    magnitudes = {
        name: torch.tensor(np.abs(weights[name]) * masks[name], dtype=torch.float64)
        for name in (layer.weight for layer in layers)
    }
    leaves = [magnitude.requires_grad_() for magnitude in magnitudes.values()]
    slopes = torch.autograd.grad(flow(network, magnitudes), leaves)
    return {
        name: (magnitude * slope).detach().numpy().ravel()
        for (name, magnitude), slope in zip(magnitudes.items(), slopes, strict=True)
    }
