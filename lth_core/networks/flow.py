"""The flow through a network: the sum of its outputs, made linear and given ones."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F

from lth_core.networks.forward import Tensors
from lth_core.networks.shapes import Step, padding, steps


def flow(network: Mapping[str, Any], weights: Tensors) -> torch.Tensor:
    """Return the sum of the logits for an input of ones, a scalar in float64.

    weights: float64, by the name of the weight tensor. There are no biases, norms, activations
    or dropout, and the average takes the place of the maximum in pools.
    """
    x = torch.ones((1, *network["input"]), dtype=torch.float64)
    for step in steps(dict(network)):
        x = _PARTS[step.spec["type"]](step, weights, x)
    return x.sum()


def _linear(step: Step, weights: Tensors, x: torch.Tensor) -> torch.Tensor:
    [layer] = step.layers
    return F.linear(x.flatten(1), weights[layer.weight])


def _conv(step: Step, weights: Tensors, x: torch.Tensor) -> torch.Tensor:
    [layer] = step.layers
    spec = step.spec
    return F.conv2d(x, weights[layer.weight], None, spec["stride"], padding(spec))


def _residual(step: Step, weights: Tensors, x: torch.Tensor) -> torch.Tensor:
    first, second, *shortcut = (weights[layer.weight] for layer in step.layers)
    stride = step.spec["stride"]
    y = F.conv2d(F.conv2d(x, first, None, stride, 1), second, None, 1, 1)
    for weight in shortcut:
        x = F.conv2d(x, weight, None, stride)
    return x + y


def _pool(step: Step, _: Tensors, x: torch.Tensor) -> torch.Tensor:
    return F.avg_pool2d(x, step.spec["size"])


def _dropout(_: Step, __: Tensors, x: torch.Tensor) -> torch.Tensor:
    return x


_PARTS: dict[str, Callable[[Step, Tensors, torch.Tensor], torch.Tensor]] = {
    "dense": _linear,
    "output": _linear,
    "conv": _conv,
    "residual": _residual,
    "max_pool": _pool,
    "average_pool": _pool,
    "dropout": _dropout,
}
