"""Initial weights: theta_0 of a trial, and further draws from its distribution."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np

from lth_core.networks.shapes import Layer, Weights
from lth_core.streams import stream


def initial_weights(
    layers: Sequence[Layer], initialisation: Mapping[str, Any], seed: int, trial: int
) -> Weights:
    """Return theta_0 of a trial: float32 arrays by name; see `draw_weights`."""
    return draw_weights(layers, initialisation, stream(seed, trial, "initialisation"))


def draw_weights(
    layers: Sequence[Layer], initialisation: Mapping[str, Any], generator: np.random.Generator
) -> Weights:
    """Return one draw from the initial distribution.

    Biases, shifts and running means are zero, scales and running variances one. A draw
    beyond `truncate` standard deviations is drawn again and the variance is not corrected, as
    Figure 15 shows (its left panel ends at twice Glorot's sigma).
    """
    weights: Weights = {}
    for layer in layers:
        weights[layer.weight] = _normal(
            layer.shape, standard_deviation(layer, initialisation), initialisation, generator
        )
        for name, shape in list(layer.tensors.items())[1:]:
            fill = np.ones if name.endswith(("scale", "running_var")) else np.zeros
            weights[name] = fill(shape, dtype=np.float32)
    return weights


def standard_deviation(layer: Layer, initialisation: Mapping[str, Any]) -> float:
    """Return the nominal standard deviation of a layer's initial weights.

    glorot_normal: sqrt(2 / (fan_in + fan_out)) (Figure 2); normal: the given `std`.
    """
    if initialisation["distribution"] == "glorot_normal":
        return sqrt(2 / (layer.fan_in + layer.fan_out))
    return float(initialisation["std"])


def _normal(
    shape: tuple[int, ...],
    std: float,
    initialisation: Mapping[str, Any],
    generator: np.random.Generator,
) -> np.ndarray:
    values = generator.standard_normal(shape)
    limit = initialisation["truncate"]
    if limit is not None:
        beyond = np.abs(values) > limit
        while beyond.any():
            values[beyond] = generator.standard_normal(int(beyond.sum()))
            beyond = np.abs(values) > limit
    return (values * std).astype(np.float32)
