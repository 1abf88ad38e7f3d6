"""Load a prepared data set, split and scaled. Every run starts here: numpy only."""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from lth_core.data.scaling import Pixels, scale
from lth_core.data.split import Split
from lth_core.data.variants import Part, varied
from lth_core.streams import stream

# What a job leaves unsaid of its data: the defaults of config/datasets/ and of a scale.
DEFAULTS: Mapping[str, Any] = {
    "split_seed": 0,
    "labels": "given",
    "pixels": "given",
    "share": 1.0,
    "classes": None,
    "blur": 1,
    "examples": None,
}


def load_splits(
    path: Path, dataset: Mapping[str, Any], input_shape: Sequence[int]
) -> dict[str, Split]:
    """Return the splits `train`, `validation` and `test` of the prepared file at `path`.

    dataset: `validation` and `scaling`, and of the keys of `DEFAULTS` those that differ. With
    `examples` only so many of each split are kept, the first. input_shape: an architecture's input.
    [pixels] makes images (N, pixels), channel after channel; [channels, height, width] makes them
    (N, C, H, W), grey ones too.

    Raises ValueError where `validation` leaves nothing to train on, the scaling is unknown, or the
    images do not fit the input.
    """
    dataset = {**DEFAULTS, **dataset}
    prepared = load_file(path)
    parts = varied(_parts(prepared, dataset), dataset, int(prepared["classes"][0]))
    kept = slice(dataset["examples"])
    splits = {}
    for name, (images, labels) in parts.items():
        pixels = np.ascontiguousarray(images[kept])
        scales = scale(dataset["scaling"], pixels, prepared)
        splits[name] = Split(_fitted(pixels, input_shape), labels[kept], *scales)
    return splits


def validation_mask(examples: int, validation: int, split_seed: int) -> NDArray[np.bool_]:
    """Return a bool array (examples,), true for the `validation` examples drawn.

    They are sampled at random from the training set, the same ones for every run with this
    `split_seed` (section 2: "5,000 examples sampled randomly").

    Raises ValueError where `validation` is not from 1 to `examples` - 1.
    """
    if not 0 < validation < examples:
        raise ValueError(f"validation: found {validation}, expected 1 to {examples - 1}")
    drawn = stream(split_seed, "split").choice(examples, validation, replace=False)
    mask = np.zeros(examples, np.bool_)
    mask[drawn] = True
    return mask


def _parts(prepared: Mapping[str, NDArray[Any]], dataset: Mapping[str, Any]) -> dict[str, Part]:
    """Return the three parts; those of the training set keep its order."""
    images, labels = _channels_first(prepared["train_images"]), prepared["train_labels"]
    held_out = validation_mask(len(labels), dataset["validation"], dataset["split_seed"])
    return {
        "train": (images[~held_out], labels[~held_out]),
        "validation": (images[held_out], labels[held_out]),
        "test": (_channels_first(prepared["test_images"]), prepared["test_labels"]),
    }


def _channels_first(images: Pixels) -> Pixels:
    """Return a view (N, C, H, W) of (N, H, W) or (N, H, W, C)."""
    return images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)


def _fitted(pixels: Pixels, shape: Sequence[int]) -> Pixels:
    found = pixels.shape[1:]
    if tuple(shape) not in (found, (prod(found),)):
        raise ValueError(f"images of shape {list(found)} do not fit an input of {list(shape)}")
    return pixels.reshape(len(pixels), *shape)
