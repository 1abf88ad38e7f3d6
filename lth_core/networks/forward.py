"""From an architecture to its forward pass in PyTorch, as a pure function of the weights."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lth_core.networks.shapes import Layer, weight_layers

Tensors = dict[str, torch.Tensor]
Forward = Callable[[Tensors, torch.Tensor], torch.Tensor]

_TYPES = ("conv", "dense", "max_pool", "average_pool")


def forward_function(network: dict[str, Any]) -> Forward:
    """Return `forward(weights, images)`, which gives the logits (batch, classes).

    images: (batch, *network["input"]) float32. A rectifier follows every convolution and
    every dense layer but the output layer (appendices G and H).

    Raises ValueError, naming the layer, for a type that has no forward pass here.
    """
    _refuse_unknown(network)
    layers = iter(weight_layers(network))
    steps: list[Forward] = []
    for spec in network["layers"]:
        match spec["type"]:
            case "conv":
                steps.append(partial(_conv, next(layers)))
            case "dense":
                steps.append(partial(_dense, next(layers)))
            case "max_pool":
                steps.append(partial(_max_pool, spec["size"]))
            case "average_pool":
                steps.append(partial(_average_pool, spec["size"]))
    steps.append(partial(_output, next(layers)))

    def forward(weights: Tensors, images: torch.Tensor) -> torch.Tensor:
        for step in steps:
            images = step(weights, images)
        return images

    return forward


def _refuse_unknown(network: dict[str, Any]) -> None:
    for position, spec in enumerate(network["layers"], start=1):
        name = f"layer {position} ({spec['type']})"
        if spec["type"] not in _TYPES:
            known = ", ".join(_TYPES)
            raise ValueError(f"{name}: has no forward pass in PyTorch yet, only {known} have")
        if spec.get("batch_norm"):
            raise ValueError(f"{name}: batch_norm has no forward pass in PyTorch yet")


def _conv(layer: Layer, weights: Tensors, x: torch.Tensor) -> torch.Tensor:
    return F.relu(F.conv2d(x, weights[layer.weight], weights[layer.bias], padding=1))


def _dense(layer: Layer, weights: Tensors, x: torch.Tensor) -> torch.Tensor:
    return F.relu(_output(layer, weights, x))


def _output(layer: Layer, weights: Tensors, x: torch.Tensor) -> torch.Tensor:
    return F.linear(x.flatten(1), weights[layer.weight], weights[layer.bias])


def _max_pool(size: int, _: Tensors, x: torch.Tensor) -> torch.Tensor:
    return F.max_pool2d(x, size)


def _average_pool(size: int, _: Tensors, x: torch.Tensor) -> torch.Tensor:
    return F.avg_pool2d(x, size)
