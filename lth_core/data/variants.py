"""Variants of a data set, such as random labels; their keys are those of config/datasets/.

Images are uint8 (N, C, H, W), labels uint8 (N,).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lth_core.data.scaling import Pixels
from lth_core.streams import stream

Labels = NDArray[np.uint8]
Part = tuple[Pixels, Labels]


def varied(parts: Mapping[str, Part], dataset: Mapping[str, Any], classes: int) -> dict[str, Part]:
    """Return the parts `train`, `validation` and `test` as the keys of `dataset` have them.

    `classes` and `blur` hold for all parts, the others for `train` alone; each draws from a stream
    of its own. dataset: all keys, also those at their default. classes: number of them in the data
    set.
    """
    seed, kept = dataset["split_seed"], dataset["classes"]
    new = dict(parts)
    if kept is not None:
        new = {name: of_classes(*part, kept) for name, part in new.items()}
    if dataset["blur"] != 1:
        new = {name: (blurred(x, dataset["blur"]), labels) for name, (x, labels) in new.items()}
    images, labels = new["train"]
    if dataset["share"] != 1:
        drawn = share_of(len(labels), dataset["share"], stream(seed, "share"))
        images, labels = images[drawn], labels[drawn]
    if dataset["labels"] == "random":
        labels = random_labels(len(labels), kept or range(classes), stream(seed, "labels"))
    if dataset["pixels"] == "shuffled_each":
        images = shuffled_each(images, stream(seed, "pixels"))
    if dataset["pixels"] == "shuffled_alike":
        images = shuffled_alike(images, stream(seed, "pixels"))
    return new | {"train": (images, labels)}


def of_classes(images: Pixels, labels: Labels, classes: Sequence[int]) -> Part:
    """Return the examples whose label is one of `classes`; labels stay as they are."""
    kept = np.isin(labels, classes)
    return images[kept], labels[kept]


def blurred(images: Pixels, factor: int) -> Pixels:
    """Return images whose squares of `factor` x `factor` pixels all have their mean, rounded."""
    count, channels, height, width = images.shape
    squares = images.reshape(count, channels, height // factor, factor, width // factor, factor)
    means = np.rint(squares.mean((3, 5), np.float32)).astype(np.uint8)
    return means.repeat(factor, 2).repeat(factor, 3)


def share_of(count: int, share: float, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return which of `count` examples, in their order, make `share` of them; at least one.

    They are the first of a random order: a smaller share is part of a larger one.
    """
    return np.sort(generator.permutation(count)[: max(1, round(share * count))])


def random_labels(
    count: int, classes: Sequence[int], generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Return `count` labels, each drawn from `classes` with equal chances."""
    return np.array(classes, np.uint8)[generator.integers(len(classes), size=count)]


def shuffled_each(images: Pixels, generator: np.random.Generator) -> Pixels:
    """Return images with their pixels in random order, another one in each.

    A pixel's channels stay together.
    """
    flat = images.reshape(*images.shape[:2], -1)
    orders = (generator.permutation(flat.shape[2]) for _ in flat)
    shuffled = [image[:, order] for image, order in zip(flat, orders, strict=True)]
    return np.stack(shuffled).reshape(images.shape)


def shuffled_alike(images: Pixels, generator: np.random.Generator) -> Pixels:
    """Return images with their pixels in one random order, the same in all."""
    flat = images.reshape(*images.shape[:2], -1)
    return flat[:, :, generator.permutation(flat.shape[2])].reshape(images.shape)
