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


def read(path: Path, files: Files) -> Pieces:
    """Read the four arrays of `path`. Raises DataError where one is missing or malformed."""
    raw = files.read(path)
    try:
        arrays = np.load(io.BytesIO(raw), allow_pickle=False)
        if not isinstance(arrays, np.lib.npyio.NpzFile):
            raise DataError(f"{path}: no file that numpy.savez has written: a lone array")
        missing = [name for name in NAMES if name not in arrays]
        if missing:
            raise DataError(
                f"{path}: expected the arrays {', '.join(NAMES)}; {missing[0]} is not among"
                f" {', '.join(arrays) or 'none'}"
            )
        return {name: Piece(f"{path}: {name}", arrays[name]) for name in NAMES}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: no file that numpy.savez has written: {error}") from error
