"""An npz file with `train_images`, `train_labels`, `test_images` and `test_labels`."""

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from lth_core.data.errors import DataError
from lth_core.data.own.files import Files
from lth_core.data.own.whole import Piece, Pieces

NAMES = ("train_images", "train_labels", "test_images", "test_labels")
_RIGHT = f"expected a file of numpy.savez with the arrays {', '.join(NAMES)}"
# What numpy raises; its texts advise to unpickle, which could run any code.
_DAMAGED = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error)


def read(path: Path, files: Files) -> Pieces:
    """Read the four arrays of `path`. Raises DataError where one is missing or malformed."""
    raw = files.read(path)
    try:
        arrays = np.load(io.BytesIO(raw), allow_pickle=False)
    except _DAMAGED as error:
        raise DataError(f"{path}: {_RIGHT}, found no npz file, or a damaged one") from error
    if not isinstance(arrays, np.lib.npyio.NpzFile):
        raise DataError(f"{path}: {_RIGHT}, found a lone array")
    missing = [name for name in NAMES if name not in arrays]
    if missing:
        raise DataError(
            f"{path}: {_RIGHT}; {missing[0]} is not among {', '.join(arrays) or 'none'}"
        )
    return {name: _piece(path, arrays, name) for name in NAMES}


def _piece(path: Path, arrays: np.lib.npyio.NpzFile, name: str) -> Piece:
    try:
        return Piece(f"{path}: {name}", arrays[name])
    except _DAMAGED as error:
        raise DataError(
            f"{path}: {name}: expected an array of numbers, found Python objects, or damaged bytes"
        ) from error
