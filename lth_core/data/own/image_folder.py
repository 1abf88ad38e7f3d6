"""A folder with `train` and `test`, each with a folder of images per class."""

import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lth_core.data.errors import DataError
from lth_core.data.own.files import Files
from lth_core.data.own.whole import Piece, Pieces

FORMATS = ("PNG", "JPEG")
MODES = {"L": "grey", "RGB": "colour"}


def read(root: Path, files: Files) -> Pieces:
    """Read all images below `root`; classes are the folders of `train`, in order of their names.

    Images stand in the order of their own names, whatever their class. Raises DataError where a
    file is no image, or unlike the first in size or mode, or a class has no image in `train`.
    """
    classes = _classes(root / "train")
    pieces: dict[str, Piece] = {}
    first: tuple[Path, NDArray[np.uint8]] | None = None
    for part in ("train", "test"):
        folder, whole = root / part, hashlib.sha256()
        images, labels = [], []
        for path in _images_of(folder, classes):
            raw = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            whole.update(f"{name} {hashlib.sha256(raw).hexdigest()}\n".encode())
            image = decode(raw, str(path))
            first = first or (path, image)
            if image.shape != first[1].shape:
                raise DataError(
                    f"{path}: {_size(image)}, but the first image, {first[0]}, has"
                    f" {_size(first[1])}; all should be of one size, and all grey or all in colour"
                )
            images.append(image)
            labels.append(classes.index(path.parent.name))
        files.note(folder, whole.hexdigest())
        pieces[f"{part}_images"] = Piece(str(folder), np.stack(images))
        pieces[f"{part}_labels"] = Piece(str(folder), np.array(labels))
    return pieces


def decode(raw: bytes, name: str) -> NDArray[np.uint8]:
    """Return a grey image (H, W) or one in colour (H, W, 3).

    Raises DataError, which names `name`, where it is neither, or damaged.
    """
    from PIL import Image  # here: most who ask what a data set is decode none

    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as picture:
            if picture.mode not in MODES:
                raise DataError(
                    f"{name}: expected a grey image (mode L) or one in colour (RGB), found mode"
                    f" {picture.mode}"
                )
            return np.asarray(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{name}: damaged, or no image in {' or '.join(FORMATS)}") from error


def _classes(train: Path) -> list[str]:
    folders = _folders(train)
    empty = next((folder for folder in folders if not _visible(folder)), None)
    if empty is not None:
        raise DataError(f"{empty}: expected training images of this class, found none")
    return [folder.name for folder in folders]


def _images_of(folder: Path, classes: list[str]) -> list[Path]:
    """Return the images of a part, in the order of their names, then of their classes'."""
    found: list[Path] = []
    for each in _folders(folder):
        if each.name not in classes:
            raise DataError(f"{each}: no class: {folder.with_name('train')} has no such folder")
        found += _visible(each)
    if not found:
        raise DataError(f"{folder}: expected a folder of images for each class, found none")
    wrong = next((path for path in found if not path.is_file()), None)
    if wrong is not None:
        raise DataError(f"{wrong}: expected an image, found a folder")
    return sorted(found, key=lambda path: (path.name, path.parent.name))


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder")
    found = _visible(folder)
    wrong = next((path for path in found if not path.is_dir()), None)
    if wrong is not None:
        raise DataError(f"{wrong}: expected a folder, named by a class")
    return found


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _size(image: NDArray[np.uint8]) -> str:
    return f"{image.shape[0]} x {image.shape[1]} pixels, {'grey' if image.ndim == 2 else 'colour'}"
