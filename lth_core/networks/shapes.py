"""Shapes of an architecture's layers: pure arithmetic, no framework."""

from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np

from lth_core.networks.defaults import completed_network

# Arrays by name: float32 weights and biases; bool masks, which only weights have.
Weights = dict[str, np.ndarray]
Masks = dict[str, np.ndarray]

LayerKind = Literal["conv", "fc", "output", "shortcut"]

# A batch norm's statistics over past batches: part of a run's state, but not trained.
RUNNING = ("running_mean", "running_var")


class Layer(NamedTuple):
    """One layer with weights.

    shape is (out, in) for dense layers and (out, in, height, width) for convolutions;
    the fans of a convolution count its receptive field (3x3 gives a factor of 9). A layer
    with batch norm has no bias, which the norm's shift replaces.
    """

    name: str
    kind: LayerKind
    shape: tuple[int, ...]
    batch_norm: bool = False

    @property
    def weight(self) -> str:
        """Name of the weight tensor."""
        return f"{self.name}.weight"

    @property
    def bias(self) -> str:
        """Name of the bias tensor."""
        return f"{self.name}.bias"

    @property
    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Shapes of all its tensors by name, the weight first."""
        vectors = ("scale", "shift", *RUNNING) if self.batch_norm else ("bias",)
        return {self.weight: self.shape} | {f"{self.name}.{v}": self.shape[:1] for v in vectors}

    @property
    def size(self) -> int:
        """Number of weights (biases are never counted)."""
        return prod(self.shape)

    @property
    def fan_in(self) -> int:
        """Inputs of one unit."""
        return prod(self.shape[1:])

    @property
    def fan_out(self) -> int:
        """Outputs that one input reaches."""
        return self.shape[0] * prod(self.shape[2:])


def is_running(name: str) -> bool:
    """Return whether the tensor is a running statistic of a batch norm."""
    return name.endswith(RUNNING)


def weight_layers(network: dict[str, Any]) -> list[Layer]:
    """Return the layers of `network` that hold weights, in forward order.

    network: `{"input": [...], "layers": [{"type": ...}, ...], "classes": n}` as in
    `config/architectures/`; keys at their defaults may be missing.

    Raises ValueError, naming the layer, where shapes do not fit.
    """
    return [layer for step in steps(network) for layer in step.layers]


class Step(NamedTuple):
    """One entry of a network: its whole settings, its layers with weights, what goes in and out."""

    spec: dict[str, Any]
    layers: list[Layer]
    input: tuple[int, ...]
    output: tuple[int, ...]


def steps(network: dict[str, Any]) -> list[Step]:
    """Return the entries of `network` in forward order, the output layer last.

    Raises ValueError, naming the layer, where shapes do not fit.
    """
    shape = tuple(network["input"])
    layers: list[Layer] = []
    found: list[Step] = []
    for position, spec in enumerate(completed_network(network)["layers"], start=1):
        try:
            added, after = _LAYER_TYPES[spec["type"]](spec, shape, layers)
        except ValueError as error:
            raise ValueError(f"layer {position} ({spec['type']}): {error}") from None
        found.append(Step(spec, added, shape, after))
        layers += added
        shape = after
    output = Layer("output", "output", (network["classes"], prod(shape)))
    return [*found, Step({"type": "output"}, [output], shape, (network["classes"],))]


def _conv(
    spec: dict[str, Any], shape: tuple[int, ...], before: list[Layer]
) -> tuple[list[Layer], tuple[int, ...]]:
    channels, height, width = _image(shape)
    filters, kernel, zeros = spec["filters"], spec["kernel"], padding(spec)
    after = [(side + 2 * zeros - kernel) // spec["stride"] + 1 for side in (height, width)]
    if min(after) < 1:
        raise ValueError(
            f"a kernel of {kernel}x{kernel} does not fit into {height}x{width} with a padding"
            f" of {zeros}"
        )
    weight = (filters, channels, kernel, kernel)
    layer = Layer(_next_name("conv", before), "conv", weight, spec["batch_norm"])
    return [layer], (filters, *after)


def padding(spec: dict[str, Any]) -> int:
    """Return the zeros on each side of what a convolution gets; by default they keep its size."""
    given: int | None = spec["padding"]
    return spec["kernel"] // 2 if given is None else given


def _dense(
    spec: dict[str, Any], shape: tuple[int, ...], before: list[Layer]
) -> tuple[list[Layer], tuple[int, ...]]:
    weight = (spec["units"], prod(shape))
    layer = Layer(_next_name("fc", before), "fc", weight, spec["batch_norm"])
    return [layer], (spec["units"],)


def _pool(
    spec: dict[str, Any], shape: tuple[int, ...], before: list[Layer]
) -> tuple[list[Layer], tuple[int, ...]]:
    channels, height, width = _image(shape)
    size = spec["size"]
    if height % size or width % size:
        raise ValueError(f"a pool of {size}x{size} does not divide {height}x{width}")
    return [], (channels, height // size, width // size)


def _residual(
    spec: dict[str, Any], shape: tuple[int, ...], before: list[Layer]
) -> tuple[list[Layer], tuple[int, ...]]:
    channels, height, width = _image(shape)
    filters, stride = spec["filters"], spec["stride"]
    if height % stride or width % stride:
        raise ValueError(f"a stride of {stride} does not divide {height}x{width}")
    first = Layer(_next_name("conv", before), "conv", (filters, channels, 3, 3), True)
    second = Layer(_next_name("conv", [*before, first]), "conv", (filters, filters, 3, 3), True)
    layers = [first, second]
    if stride != 1 or filters != channels:
        name = _next_name("shortcut", before)
        layers.append(Layer(name, "shortcut", (filters, channels, 1, 1), True))
    return layers, (filters, height // stride, width // stride)


def _dropout(
    spec: dict[str, Any], shape: tuple[int, ...], before: list[Layer]
) -> tuple[list[Layer], tuple[int, ...]]:
    return [], shape


_LAYER_TYPES = {
    "conv": _conv,
    "dense": _dense,
    "max_pool": _pool,
    "average_pool": _pool,
    "dropout": _dropout,
    "residual": _residual,
}


def _image(shape: tuple[int, ...]) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise ValueError(f"needs an image (channels, height, width), but gets shape {shape}")
    return shape[0], shape[1], shape[2]


def _next_name(prefix: str, before: list[Layer]) -> str:
    return f"{prefix}{1 + sum(layer.name.startswith(prefix) for layer in before)}"
