"""Packing of lanes and iterations that train at once."""

from typing import Any

import torch

from lth_core.networks.shapes import weight_layers


def is_stacked(
    network: dict[str, Any], lanes: int, device: torch.device, wanted: bool | None = None
) -> bool:
    """Return whether lanes train at once: on a GPU, several of a network without convolutions.

    vmap makes a grouped convolution of stacked ones, slower than one lane after the other.
    wanted: for tests, which also stack on the CPU. Raises ValueError for convolutions.
    """
    convolutional = _convolutional(network)
    if wanted and convolutional:
        raise ValueError("stacked: networks with convolutions train one lane after the other")
    on_gpu = device.type == "cuda" and not convolutional
    return lanes > 1 and (on_gpu if wanted is None else wanted)


def stretch_of(network: dict[str, Any], device: torch.device) -> int:
    """Return the iterations to do at a time: a second of a GPU or less, one on the CPU."""
    if device.type != "cuda":
        return 1
    return 100 if _convolutional(network) else 2000


def _convolutional(network: dict[str, Any]) -> bool:
    return any(len(layer.shape) == 4 for layer in weight_layers(network))
