"""Mixtures of two trained networks, with the statistics of batch norm recomputed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from lth_core.data.split import Split
from lth_core.networks.forward import MOMENTUM, forward_function
from lth_core.networks.shapes import Masks, Weights, is_running

_EXAMPLES, _CHUNK = 5000, 1000  # that statistics are counted on: in all, at a time


def mixed(first: Weights, second: Weights, share: float) -> Weights:
    """Return (1 - share) times `first` plus share times `second`; the ends are exact."""
    if share in (0, 1):
        return second if share else first
    one, other = np.float32(1 - share), np.float32(share)
    return {name: one * value + other * second[name] for name, value in first.items()}


@torch.no_grad()
def with_statistics(
    network: Mapping[str, Any], train: Split, weights: Weights, masks: Masks
) -> Weights:
    """Return `weights` with the running statistics that they have, under `masks`, on `train`.

    They are the mean over chunks of its first examples; nothing is dropped. A network without
    batch norm comes back as it is.
    """
    running = [name for name in weights if is_running(name)]
    if not running:
        return weights
    torch.set_num_threads(1)  # or the last bits would depend on the machine
    forward = forward_function(dict(network))
    nothing_dropped = [torch.ones(())] * sum(la["type"] == "dropout" for la in network["layers"])
    tensors = {
        name: torch.tensor(np.where(masks[name], value, np.float32(0)) if name in masks else value)
        for name, value in weights.items()
    }
    tensors |= {name: torch.zeros_like(tensors[name]) for name in running}
    chunks = [train[start : start + _CHUNK] for start in range(0, len(train), _CHUNK)]
    # From zero, a chunk moves each statistic by MOMENTUM times the chunk's own.
    moved = [
        forward(tensors, torch.tensor(chunk.images), nothing_dropped)[1]
        for chunk in chunks[: _EXAMPLES // _CHUNK]
    ]
    return weights | {
        name: (torch.stack([one[name] for one in moved]).mean(0) / MOMENTUM).numpy()
        for name in running
    }
