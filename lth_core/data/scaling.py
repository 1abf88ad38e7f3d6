"""From uint8 pixels to the float32 numbers a network sees."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Inputs = NDArray[np.float32]


def scale(scaling: str, pixels: Pixels, prepared: Mapping[str, NDArray[Any]]) -> Inputs:
    """Return the inputs of `pixels`, both (N, C, H, W), C-contiguous.

    unit: pixels / 255.
    standardise: minus the mean and divided by the standard deviation of each channel over the
        whole training set as published, which the `prepared` file holds.
    l2: each image divided by its Euclidean norm, as in the authors' later code.

    Raises ValueError at another `scaling`.
    """
    if scaling == "unit":
        return unit(pixels)
    if scaling == "standardise":
        return standardise(pixels, prepared["channel_mean"], prepared["channel_deviation"])
    if scaling == "l2":
        return l2(pixels)
    raise ValueError(f"scaling: found {scaling!r}, expected unit, standardise or l2")


def unit(pixels: Pixels) -> Inputs:
    """Return `pixels` / 255."""
    inputs = np.empty(pixels.shape, np.float32)
    return np.divide(pixels, np.float32(255), out=inputs)


def standardise(pixels: Pixels, mean: Inputs, deviation: Inputs) -> Inputs:
    """Return (`pixels` - mean) / deviation, with one mean and deviation (C,) a channel."""
    inputs = np.empty(pixels.shape, np.float32)
    np.subtract(pixels, mean[:, None, None], out=inputs)
    inputs /= deviation[:, None, None]
    return inputs


def l2(pixels: Pixels) -> Inputs:
    """Return each image divided by its Euclidean norm."""
    inputs = np.ascontiguousarray(pixels, np.float32)
    flat = inputs.reshape(len(inputs), -1)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    return inputs
