"""Layout of the prepared file of a data set, made from verified arrays.

This is all the code that runs depend on of what prepares their data: however the arrays were
fetched and decoded, they are checked.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def prepared(arrays: Mapping[str, NDArray[np.uint8]], classes: int) -> dict[str, NDArray[Any]]:
    """Return the four uint8 arrays (see `DataSet`) and what jobs would else compute of them.

    `classes`: int64 (1,). `channel_mean`, `channel_deviation`: of all training images, float32
    (C,), from 0 to 255.
    """
    mean, deviation = channel_statistics(arrays["train_images"])
    return {
        **arrays,
        "classes": np.array([classes], np.int64),
        "channel_mean": mean,
        "channel_deviation": deviation,
    }


def channel_statistics(
    images: NDArray[np.uint8],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and standard deviation of each channel, each (C,), from 0 to 255.

    images: (N, H, W) or (N, H, W, C). Sums are of integers: exact but for the last rounding.
    """
    pixels = images.reshape(-1, 1 if images.ndim == 3 else images.shape[-1])
    count = len(pixels)
    totals = pixels.sum(0, np.int64).tolist()
    squares = np.square(pixels, dtype=np.uint16).sum(0, np.int64).tolist()
    mean = [total / count for total in totals]
    variance = [
        (count * square - total**2) / count**2
        for total, square in zip(totals, squares, strict=True)
    ]
    return np.array(mean, np.float32), np.sqrt(variance).astype(np.float32)
