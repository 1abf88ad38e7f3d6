"""Scaling of uint8 pixels to the float32 inputs of a network."""

from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


class Scale(NamedTuple):
    """An input is (pixel * factor + offset) / norm; shapes as `Split` has them."""

    factor: Floats
    offset: Floats
    norm: Floats | None = None


def scale(scaling: str, pixels: Pixels, prepared: Mapping[str, NDArray[Any]]) -> Scale:
    """Return the scale of `pixels` (N, C, H, W).

    unit: pixels / 255.
    standardise: minus the mean and divided by the standard deviation of each channel over the
        whole training set as published, which the `prepared` file holds.
    l2: each image divided by its Euclidean norm, as in the authors' later code.

    Raises ValueError at another `scaling`.
    """
    shape = pixels.shape[1:]
    if scaling == "unit":
        return unit(prod(shape))
    if scaling == "standardise":
        return standardise(shape, prepared["channel_mean"], prepared["channel_deviation"])
    if scaling == "l2":
        return l2(pixels)
    raise ValueError(f"scaling: found {scaling!r}, expected unit, standardise or l2")


def unit(features: int) -> Scale:
    """Return the scale of pixels / 255. A black pixel is exactly 0."""
    return Scale(np.full(features, 1 / 255, np.float32), np.zeros(features, np.float32))


def standardise(shape: tuple[int, ...], mean: Floats, deviation: Floats) -> Scale:
    """Return the scale of (pixels - mean) / deviation, with one of each (C,) a channel.

    shape: (C, H, W).
    """
    per_channel = prod(shape[1:])
    factor = np.repeat(1 / deviation, per_channel).astype(np.float32)
    return Scale(factor, np.repeat(-mean / deviation, per_channel).astype(np.float32))


def l2(pixels: Pixels) -> Scale:
    """Return the scale that divides each image by its Euclidean norm."""
    flat = pixels.reshape(len(pixels), -1)
    squares = np.square(flat, dtype=np.uint16).sum(1, np.int64)
    ones, zeros = np.ones(flat.shape[1], np.float32), np.zeros(flat.shape[1], np.float32)
    return Scale(ones, zeros, np.sqrt(squares).astype(np.float32))
