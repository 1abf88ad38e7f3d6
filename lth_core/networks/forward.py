"""Builds the forward pass of an architecture in PyTorch, as a pure function of the weights."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lth_core.networks.defaults import completed_network
from lth_core.networks.shapes import RUNNING, Layer, Step, padding, steps

# Batch norm's constants: the paper is silent, these are PyTorch's. MOMENTUM is the share of
# the present batch in the running statistics.
MOMENTUM = 0.1
EPSILON = 1e-5

# Side in pixels below which a CPU convolves faster with an image's channels first in memory.
SMALL = 8

ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": F.gelu,
    "elu": F.elu,
}

Tensors = dict[str, torch.Tensor]
# Maps weights, images and dropout's noise to logits and new running statistics.
Forward = Callable[
    [Tensors, torch.Tensor, Sequence[torch.Tensor] | None], tuple[torch.Tensor, Tensors]
]


@dataclass
class _Pass:
    """One forward pass: its weights, and what training adds to it."""

    weights: Tensors
    training: bool
    noise: Iterator[torch.Tensor]
    activation: Callable[[torch.Tensor], torch.Tensor]
    running: Tensors = field(default_factory=dict)


_Part = Callable[[_Pass, torch.Tensor], torch.Tensor]


def forward_function(network: dict[str, Any]) -> Forward:
    """Return `forward(weights, images, noise)`, which gives logits and running statistics.

    images: (batch, *network["input"]) float32; logits: (batch, classes). noise is None for an
    evaluation: batch norm uses the running statistics, nothing is dropped, and the second
    result is empty. For training it holds a factor for every value that a dropout layer gets,
    (batch, ...), layer after layer: batch norm uses the batch's own statistics, and the second
    result holds the running statistics that it moves. The network's activation, a rectifier in
    the paper, follows every convolution, residual block and dense layer but the output layer
    (appendices G and H).
    """
    name = completed_network(network)["activation"]
    parts: list[_Part] = []
    for step in steps(network):
        added = _PARTS[step.spec["type"]](step)
        if step.spec["type"] == "max_pool" and name == "relu" and parts and parts[-1] is _activate:
            # It makes no difference which comes first; a pooled image is rectified faster.
            added.append(parts.pop())
        parts += added

    def forward(
        weights: Tensors, images: torch.Tensor, noise: Sequence[torch.Tensor] | None
    ) -> tuple[torch.Tensor, Tensors]:
        this = _Pass(weights, noise is not None, iter(noise or ()), ACTIVATIONS[name])
        for part in parts:
            images = part(this, images)
        return images, this.running

    return forward


def _conv(step: Step) -> list[_Part]:
    [layer] = step.layers
    return [partial(_convolve, layer, step.spec["stride"], padding(step.spec)), _activate]


def _residual(step: Step) -> list[_Part]:
    return [partial(_block, step.layers, step.spec["stride"]), _activate]


def _dense(step: Step) -> list[_Part]:
    [layer] = step.layers
    norm = [partial(_batch_norm, layer)] if layer.batch_norm else []
    return [*_output(step), *norm, _activate]


def _output(step: Step) -> list[_Part]:
    [layer] = step.layers
    return [lambda this, x: F.linear(x.flatten(1), *_weight_and_bias(this, layer))]


def _max_pool(step: Step) -> list[_Part]:
    return [lambda _, x: F.max_pool2d(x, step.spec["size"])]


def _average_pool(step: Step) -> list[_Part]:
    return [lambda _, x: F.avg_pool2d(x, step.spec["size"])]


def _dropout(_: Step) -> list[_Part]:
    return [lambda this, x: x * next(this.noise) if this.training else x]


_PARTS: dict[str, Callable[[Step], list[_Part]]] = {
    "conv": _conv,
    "residual": _residual,
    "dense": _dense,
    "output": _output,
    "max_pool": _max_pool,
    "average_pool": _average_pool,
    "dropout": _dropout,
}


def _activate(this: _Pass, x: torch.Tensor) -> torch.Tensor:
    return this.activation(x)


def _block(layers: list[Layer], stride: int, this: _Pass, x: torch.Tensor) -> torch.Tensor:
    """A residual block (He et al., 2016) up to its last activation."""
    first, second, *shortcut = layers
    y = this.activation(_convolve(first, stride, 1, this, x))
    y = _convolve(second, 1, 1, this, y)
    for layer in shortcut:  # there is one where sizes change
        x = _convolve(layer, stride, 0, this, x)
    return x + y


def _convolve(layer: Layer, stride: int, zeros: int, this: _Pass, x: torch.Tensor) -> torch.Tensor:
    """Convolve, with `zeros` around what comes in, and norm where the layer does."""
    weight, bias = _weight_and_bias(this, layer)
    if x.shape[-1] < SMALL or (stride > 1 and layer.shape[-1] == 1):
        # The second, with channels last, made PyTorch 2.15 write beyond its memory (AVX2, 6 to 9
        # channels).
        x = x.contiguous()
    x = F.conv2d(x, weight, bias, stride, zeros)
    return _batch_norm(layer, this, x) if layer.batch_norm else x


def _weight_and_bias(this: _Pass, layer: Layer) -> tuple[torch.Tensor, torch.Tensor | None]:
    return this.weights[layer.weight], this.weights.get(layer.bias)


def _batch_norm(layer: Layer, this: _Pass, x: torch.Tensor) -> torch.Tensor:
    names = [f"{layer.name}.{vector}" for vector in ("scale", "shift", *RUNNING)]
    scale, shift, mean, variance = (this.weights[name] for name in names)
    if x.ndim == 2:
        x = x.float()  # vmap has no batch norm of what a dense layer makes in bfloat16
    if this.training:  # PyTorch moves the running statistics in place: copies of them
        mean, variance = mean.clone(), variance.clone()
        this.running |= dict(zip(names[2:], (mean, variance), strict=True))
    return F.batch_norm(x, mean, variance, scale, shift, this.training, MOMENTUM, EPSILON)
