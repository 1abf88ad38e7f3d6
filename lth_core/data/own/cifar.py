"""The published layouts of CIFAR-10 and CIFAR-100: a folder, or the archive as downloaded."""

import io
import tarfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from lth_core.data.errors import DataError
from lth_core.data.formats.cifar import Batch, parse_batch, parse_binary
from lth_core.data.own.files import Files
from lth_core.data.own.whole import Piece, Pieces

_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))


class Layout(NamedTuple):
    """The files of a layout, and how one of them is decoded."""

    train: tuple[str, ...]
    test: str
    parse: Callable[[bytes, str], Batch]


# CIFAR-100's labels are the fine ones.
LAYOUTS = (
    Layout(_BATCHES, "test_batch", parse_batch),
    Layout(
        tuple(f"{name}.bin" for name in _BATCHES),
        "test_batch.bin",
        partial(parse_binary, labels=1, classes=10),
    ),
    Layout(("train",), "test", partial(parse_batch, key=b"fine_labels", classes=100)),
    Layout(("train.bin",), "test.bin", partial(parse_binary, labels=2, classes=100)),
)


def read(path: Path, files: Files) -> Pieces:
    """Read a folder or an archive in one of `LAYOUTS`.

    Raises DataError where a file is missing or malformed.
    """
    member = _from_archive(path, files) if path.is_file() else partial(_from_folder, path, files)
    layout = next((layout for layout in LAYOUTS if member(layout.test) is not None), None)
    if layout is None:
        raise DataError(
            f"{path}: expected a folder or .tar.gz of CIFAR with one of"
            f" {', '.join(layout.test for layout in LAYOUTS)}"
        )

    def parsed(name: str) -> Batch:
        raw = member(name)
        if raw is None:
            raise DataError(f"{path}/{name}: there is no such file")
        return layout.parse(raw, f"{path}/{name}")

    train, test = [parsed(name) for name in layout.train], parsed(layout.test)
    return {
        "train_images": Piece(str(path), np.concatenate([images for images, _ in train])),
        "train_labels": Piece(str(path), np.concatenate([labels for _, labels in train])),
        "test_images": Piece(f"{path}/{layout.test}", test[0]),
        "test_labels": Piece(f"{path}/{layout.test}", test[1]),
    }


def _from_folder(folder: Path, files: Files, name: str) -> bytes | None:
    return files.read(folder / name) if (folder / name).is_file() else None


def _from_archive(path: Path, files: Files) -> Callable[[str], bytes | None]:
    """Return what returns the bytes of a file of an archive by its name; nothing is extracted."""
    raw = files.read(path)
    try:
        with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
            found = {
                PurePosixPath(member.name).name: file.read()
                for member in archive
                if (file := archive.extractfile(member)) is not None
            }
    except (tarfile.TarError, OSError, EOFError, zlib.error, KeyError) as error:
        raise DataError(f"{path}: damaged archive: {error}") from error
    return found.get
