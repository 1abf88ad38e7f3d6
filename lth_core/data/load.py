"""Load a prepared data set, split and scaled. Every run starts here: numpy only."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from lth_core.data.scaling import Pixels, Scaling, scaler
from lth_core.data.split import Split
from lth_core.streams import stream


def load_splits(
    path: Path, validation: int, split_seed: int, scaling: Scaling, examples: int | None = None
) -> dict[str, Split]:
    """Return the splits `train`, `validation` and `test` of the prepared file at `path`.

    MNIST's images are (N, 784), CIFAR-10's (N, 3, 32, 32), both C-contiguous. `validation`
    examples are sampled at random from the training set, the same ones for every run with
    this `split_seed` (section 2: "5,000 examples sampled randomly"); both parts keep the
    training set's order. With `examples` only so many of each split are kept, the first.

    Raises:
        ValueError: `validation` leaves nothing to train on, or `scaling` is unknown.
    """
    arrays = load_file(path)
    images, labels = arrays["train_images"], arrays["train_labels"]
    held_out = validation_mask(len(labels), validation, split_seed)
    parts = {
        "train": (images[~held_out], labels[~held_out]),
        "validation": (images[held_out], labels[held_out]),
        "test": (arrays["test_images"], arrays["test_labels"]),
    }
    scale = scaler(scaling, _channels_first(images))
    splits = {}
    for name, (pixels, part_labels) in parts.items():
        kept = slice(examples)
        inputs = scale(_channels_first(pixels[kept]))
        grey = pixels.ndim == 3
        splits[name] = Split(inputs.reshape(len(inputs), -1) if grey else inputs, part_labels[kept])
    return splits


def validation_mask(examples: int, validation: int, split_seed: int) -> NDArray[np.bool_]:
    """Return a bool array (examples,), true for the `validation` examples drawn.

    Raises:
        ValueError: `validation` is not from 1 to `examples` - 1.
    """
    if not 0 < validation < examples:
        raise ValueError(f"validation: found {validation}, expected 1 to {examples - 1}")
    drawn = stream(split_seed, "split").choice(examples, validation, replace=False)
    mask = np.zeros(examples, np.bool_)
    mask[drawn] = True
    return mask


def _channels_first(images: Pixels) -> Pixels:
    """Return a view (N, C, H, W) of (N, H, W) or (N, H, W, C)."""
    return images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
