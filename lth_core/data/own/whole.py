"""Checks that images and labels form one data set."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lth_core.data.dataset import Arrays
from lth_core.data.errors import DataError

MOST_CLASSES = 256  # labels are bytes


class Piece(NamedTuple):
    """An array, and the file that it came from."""

    file: str
    values: NDArray[np.generic]


# By the names of the arrays of `DataSet`.
Pieces = Mapping[str, Piece]


class Facts(NamedTuple):
    """What is known of a data set without it.

    images: channels, height and width. classes: number of them. train, test: numbers of examples.
    """

    images: tuple[int, int, int]
    classes: int
    train: int
    test: int


def whole(pieces: Pieces, expected: Facts | None) -> tuple[Arrays, Facts]:
    """Return the four arrays as uint8, images (N, H, W) or (N, H, W, C), and what they are.

    expected: what they have to be; None: any. The number of classes is then one more than the
    highest label of the training examples, and at least two; each has a training example. Raises
    DataError, which names the file, where they are not images and their labels.
    """
    images = {part: _images(pieces[f"{part}_images"]) for part in ("train", "test")}
    labels = {part: _labels(pieces[f"{part}_labels"]) for part in ("train", "test")}
    shape = images["train"].shape[1:]
    if images["test"].shape[1:] != shape:
        raise DataError(
            f"{pieces['test_images'].file}: images of shape {images['test'].shape[1:]}, but those"
            f" of {pieces['train_images'].file} have {shape}"
        )
    channels_first = (*shape[2:], 1)[0], shape[0], shape[1]
    if expected and expected.images != channels_first:
        raise DataError(
            f"{pieces['train_images'].file}: expected images of {list(expected.images)} (channels,"
            f" height, width), found {list(channels_first)}"
        )
    classes = expected.classes if expected else max(2, int(labels["train"].max()) + 1)
    for part in ("train", "test"):
        _check_labels(pieces[f"{part}_labels"], labels[part], pieces[f"{part}_images"], classes)
        if part == "train":
            _check_classes(pieces["train_labels"], labels["train"], classes)
    facts = Facts(channels_first, classes, len(labels["train"]), len(labels["test"]))
    if expected and expected != facts:
        raise DataError(
            f"{pieces['train_labels'].file}: expected {expected.train} training and"
            f" {expected.test} test examples, found {facts.train} and {facts.test}"
        )
    arrays: Arrays = {}
    for part in ("train", "test"):
        arrays[f"{part}_images"] = images[part]
        arrays[f"{part}_labels"] = labels[part].astype(np.uint8)
    return arrays, facts


def _images(piece: Piece) -> NDArray[np.uint8]:
    found = piece.values
    if found.dtype != np.uint8 or found.ndim not in (3, 4) or not found.size:
        raise DataError(
            f"{piece.file}: expected images as uint8 of shape (N, H, W) or (N, H, W, C), found"
            f" {found.dtype} of shape {found.shape}"
        )
    if found.ndim == 4 and found.shape[1] in (1, 3) and found.shape[3] not in (1, 3):
        raise DataError(
            f"{piece.file}: found {found.shape}: channels come last; save"
            " images.transpose(0, 2, 3, 1)"
        )
    return np.ascontiguousarray(found, np.uint8)


def _labels(piece: Piece) -> NDArray[np.int64]:
    found = piece.values
    if not np.issubdtype(found.dtype, np.integer) or found.ndim != 1 or not found.size:
        raise DataError(
            f"{piece.file}: expected labels as integers of shape (N,), found {found.dtype} of shape"
            f" {found.shape}"
        )
    return found.astype(np.int64)


def _check_labels(piece: Piece, labels: NDArray[np.int64], images: Piece, classes: int) -> None:
    if len(labels) != len(images.values):
        raise DataError(
            f"{piece.file}: {len(labels)} labels, but {images.file} has {len(images.values)} images"
        )
    last = min(classes, MOST_CLASSES) - 1
    outside = np.flatnonzero((labels < 0) | (labels > last))
    if len(outside):
        raise DataError(
            f"{piece.file}: label {labels[outside[0]]} of example {outside[0]} is no class:"
            f" expected 0 to {last}"
        )


def _check_classes(piece: Piece, labels: NDArray[np.int64], classes: int) -> None:
    missing = np.setdiff1d(np.arange(classes), labels)
    if len(missing):
        raise DataError(
            f"{piece.file}: class {missing[0]} has no training example: expected labels that count"
            f" from 0 and skip none, found {labels.min()} to {labels.max()}"
        )
