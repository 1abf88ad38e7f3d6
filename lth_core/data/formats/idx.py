"""IDX, the format of MNIST and of the sets made in its likeness: four files of unsigned bytes."""

import math
import struct

import numpy as np
from numpy.typing import NDArray

from lth_core.data.dataset import Arrays, Read
from lth_core.data.errors import DataError

FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def decode(read: Read, folder: str) -> Arrays:
    """Decode the four files of `folder`. Raises DataError where one is missing or malformed."""
    return {name: parse_idx(read(f"{folder}/{file}"), file) for name, file in FILES.items()}


def parse_idx(raw: bytes, name: str) -> NDArray[np.uint8]:
    """Decode an IDX file of unsigned bytes: two zeros, type 8, rank, big-endian sizes, data.

    Raises DataError, which names `name`, where it is no such file, or longer or shorter than its
    header says.
    """
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08":
        raise DataError(
            f"{name}: not an IDX file of unsigned bytes: expected it to start with 00 00 08, "
            f"found {raw[:3].hex(' ') or 'an empty file'}"
        )
    rank = raw[3]
    start = 4 + 4 * rank
    if len(raw) < start:
        raise DataError(f"{name}: truncated: {len(raw)} bytes, the header alone needs {start}")
    shape = struct.unpack(f">{rank}I", raw[4:start])
    expected = start + math.prod(shape)
    if len(raw) != expected:
        raise DataError(
            f"{name}: {'truncated' if len(raw) < expected else 'too long'}: {len(raw)} bytes, "
            f"its header announces {expected} (shape {shape})"
        )
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)
