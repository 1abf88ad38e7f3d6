"""Make the one prepared file of a data set that every run reads."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from lth_core.data import sets
from lth_core.data.dataset import Arrays, DataSet
from lth_core.data.errors import DataError
from lth_core.data.sources import SOURCES, Source
from lth_core.files import atomic_path


def prepare(
    name: str, out: Path, root: Path | None = None, sources: Mapping[str, Source] = SOURCES
) -> str:
    """Write the data set `name` from the first source whose arrays are right; return its name.

    `out` is a safetensors file of the four uint8 arrays (see `DataSet`), `classes` int64 (1,), and
    the `channel_mean` and `channel_deviation` of all training images, float32 (C,), from 0 to 255.
    It has no metadata, which come in any order: the same bytes every time, whole or not at all.

    root: a folder in torchvision's layout to look in first. Raises DataError where no source gave
    the right arrays; says why for each.
    """
    data_set = sets.of(name)
    source, arrays = _first_good(name, data_set, root, sources)
    mean, deviation = channel_statistics(arrays["train_images"])
    prepared: dict[str, NDArray[Any]] = {
        **{key: arrays[key] for key in data_set.arrays},
        "classes": np.array([data_set.classes], np.int64),
        "channel_mean": mean,
        "channel_deviation": deviation,
    }
    with atomic_path(out) as temporary:
        save_file(prepared, temporary)
    return source


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


def _first_good(
    name: str, data_set: DataSet, root: Path | None, sources: Mapping[str, Source]
) -> tuple[str, Arrays]:
    reasons = []
    for source, read in sources.items():
        try:
            arrays = read(data_set, root)
            data_set.verify(arrays)
            return source, arrays
        except (DataError, OSError) as error:
            reasons.append(f"{source}: {error}")
            print(f"{name}: not from {reasons[-1]}", file=sys.stderr, flush=True)
    raise DataError(f"{name}: no source had it\n  " + "\n  ".join(reasons))
