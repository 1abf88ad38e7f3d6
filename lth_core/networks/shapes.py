"""From an architecture to the shapes of its layers: pure arithmetic, no framework."""

from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np

# Arrays by name: float32 weights and biases; bool masks, which only weights have.
Weights = dict[str, np.ndarray]
Masks = dict[str, np.ndarray]

LayerKind = Literal["conv", "fc", "output", "shortcut"]


class Layer(NamedTuple):
    """One layer with weights.

    shape is (out, in) for dense layers and (out, in, height, width) for convolutions;
    the fans of a convolution count its receptive field (3x3 gives a factor of 9).
    """

    name: str
    kind: LayerKind
    shape: tuple[int, ...]

    @property
    def weight(self) -> str:
        """Name of the weight tensor."""
        return f"{self.name}.weight"

    @property
    def bias(self) -> str:
        """Name of the bias tensor."""
        return f"{self.name}.bias"

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


def weight_layers(network: dict[str, Any]) -> list[Layer]:
    """Return the layers of `network` that hold weights, in forward order.

    network: `{"input": [...], "layers": [{"type": ...}, ...], "classes": n}` as in
    `config/architectures/`. Convolutions are 3x3 and keep the size, pools halve it.

    Raises ValueError, naming the layer, where shapes do not fit.
    """
    shape = tuple(network["input"])
    layers: list[Layer] = []
    for position, spec in enumerate(network["layers"], start=1):
        try:
            added, shape = _LAYER_TYPES[spec["type"]](spec, shape, layers)
        except ValueError as error:
            raise ValueError(f"layer {position} ({spec['type']}): {error}") from None
        layers += added
    classes = network["classes"]
    return [*layers, Layer("output", "output", (classes, prod(shape)))]


def _conv(
    spec: dict[str, Any], shape: tuple[int, ...], before: list[Layer]
) -> tuple[list[Layer], tuple[int, ...]]:
    channels, height, width = _image(shape)
    layer = Layer(_next_name("conv", before), "conv", (spec["filters"], channels, 3, 3))
    return [layer], (spec["filters"], height, width)


def _dense(
    spec: dict[str, Any], shape: tuple[int, ...], before: list[Layer]
) -> tuple[list[Layer], tuple[int, ...]]:
    layer = Layer(_next_name("fc", before), "fc", (spec["units"], prod(shape)))
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
    first = Layer(_next_name("conv", before), "conv", (filters, channels, 3, 3))
    second = Layer(_next_name("conv", [*before, first]), "conv", (filters, filters, 3, 3))
    layers = [first, second]
    if stride != 1 or filters != channels:
        name = _next_name("shortcut", before)
        layers.append(Layer(name, "shortcut", (filters, channels, 1, 1)))
    return layers, (filters, height // stride, width // stride)


_LAYER_TYPES = {
    "conv": _conv,
    "dense": _dense,
    "max_pool": _pool,
    "average_pool": _pool,
    "residual": _residual,
}


def _image(shape: tuple[int, ...]) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise ValueError(f"needs an image (channels, height, width), but gets shape {shape}")
    return shape[0], shape[1], shape[2]


def _next_name(prefix: str, before: list[Layer]) -> str:
    return f"{prefix}{1 + sum(layer.name.startswith(prefix) for layer in before)}"
