"""From uint8 pixels to the float32 numbers a network sees."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Scaling = Literal["unit", "standardise", "l2"]
Pixels = NDArray[np.uint8]
Inputs = NDArray[np.float32]


def scaler(scaling: Scaling, training: Pixels) -> Callable[[Pixels], Inputs]:
    """Return the function from pixels (N, C, H, W) to inputs (N, C, H, W), C-contiguous.

    unit: pixels / 255.
    standardise: minus the mean and divided by the standard deviation of each channel over
        `training` (N, C, H, W), the whole training set as published.
    l2: each image divided by its Euclidean norm, as in the authors' later code.

    Raises:
        ValueError: another `scaling`.
    """
    if scaling == "unit":
        return unit
    if scaling == "l2":
        return l2
    if scaling == "standardise":
        mean, deviation = channel_statistics(training)
        return lambda pixels: standardise(pixels, mean, deviation)
    raise ValueError(f"scaling: found {scaling!r}, expected one of {get_args(Scaling)}")


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


def channel_statistics(pixels: Pixels) -> tuple[Inputs, Inputs]:
    """Return mean and standard deviation of each channel, each (C,), from 0 to 255.

    They come from counts of the 256 values, so they are exact before the last rounding.
    """
    channels = pixels.shape[1]
    counts = np.zeros((channels, 256))
    for start in range(0, len(pixels), 1000):  # bincount widens its input eightfold
        for channel in range(channels):
            part = pixels[start : start + 1000, channel].ravel()
            counts[channel] += np.bincount(part, minlength=256)
    share = counts / counts.sum(axis=1, keepdims=True)
    values = np.arange(256)
    mean = share @ values
    deviation = np.sqrt((share * (values - mean[:, None]) ** 2).sum(axis=1))
    return mean.astype(np.float32), deviation.astype(np.float32)
