import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lth_core.config.dataset import Dataset
from lth_core.data.layout import channel_statistics
from lth_core.data.load import DEFAULTS, load_splits, validation_mask

BLOCK = {"name": "mnist", "validation": 5000, "scaling": "unit"}


@pytest.mark.parametrize(("shape"), [[784], [1, 28, 28]])
def test_mnist_is_split_as_in_the_paper(mnist_file: Path, shape: list[int]) -> None:
    splits = load_splits(mnist_file, BLOCK, shape)
    sizes = {name: list(split.pixels.shape) for name, split in splits.items()}
    assert sizes == {
        "train": [55000, *shape],
        "validation": [5000, *shape],
        "test": [10000, *shape],
    }
    for split in splits.values():
        assert split.pixels.dtype == split.labels.dtype == np.uint8
        assert split.images.dtype == np.float32


def test_parts_are_disjoint_in_order_and_complete(mnist_file: Path) -> None:
    arrays = load_file(mnist_file)
    held_out = validation_mask(60000, 5000, 0)
    splits = load_splits(mnist_file, BLOCK, [784])
    assert held_out.sum() == 5000
    assert np.array_equal(splits["validation"].labels, arrays["train_labels"][held_out])
    assert np.array_equal(splits["train"].labels, arrays["train_labels"][~held_out])
    pixels = arrays["train_images"][~held_out].reshape(-1, 784)
    assert np.array_equal(splits["train"].pixels, pixels)


def test_the_split_is_frozen() -> None:
    """Another draw would make every result so far another experiment's."""
    drawn = np.flatnonzero(validation_mask(60000, 5000, 0))
    assert drawn[:5].tolist() == [19, 25, 36, 48, 66]
    assert not np.array_equal(drawn, np.flatnonzero(validation_mask(60000, 5000, 1)))


@pytest.mark.parametrize("validation", [0, -1, 60000])
def test_a_validation_set_of_nothing_or_all_is_refused(validation: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 59999"):
        validation_mask(60000, validation, 0)


def test_defaults_are_those_of_the_config() -> None:
    fields = {key: f for key, f in Dataset.model_fields.items() if not f.exclude}
    defaults = {key: field.default for key, field in fields.items() if not field.is_required()}
    assert {**defaults, "examples": None} == DEFAULTS


@pytest.fixture
def colour(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """A prepared file of 30 images (4, 4, 3), the same for training and test."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (30, 4, 4, 3), dtype=np.uint8)
    labels = generator.integers(0, 10, 30, dtype=np.uint8)
    mean, deviation = channel_statistics(images)
    prepared: dict[str, Any] = {"train_images": images, "train_labels": labels}
    prepared |= {"test_images": images, "test_labels": labels, "classes": np.array([10])}
    path = tmp_path / "x.safetensors"
    save_file(prepared | {"channel_mean": mean, "channel_deviation": deviation}, path)
    return path, images


def block(**keys: Any) -> dict[str, Any]:
    return {"name": "x", "validation": 5, "scaling": "unit", **keys}


def test_colour_images_are_standardised_channels_first(colour: tuple[Path, np.ndarray]) -> None:
    path, images = colour
    test = load_splits(path, block(scaling="standardise"), [3, 4, 4])["test"].images
    wanted = (images - images.mean((0, 1, 2))) / images.std((0, 1, 2))
    assert test.shape == (30, 3, 4, 4)
    assert test.flags.c_contiguous
    np.testing.assert_allclose(test.transpose(0, 2, 3, 1), wanted, rtol=1e-5, atol=1e-6)


def test_colour_images_for_a_fully_connected_network(colour: tuple[Path, np.ndarray]) -> None:
    path, images = colour
    test = load_splits(path, block(), [48])["test"].images
    wanted = images.transpose(0, 3, 1, 2).reshape(30, 48) / np.float32(255)
    np.testing.assert_allclose(test, wanted, rtol=2e-7)
    assert not test[wanted == 0].any() and test.flags.c_contiguous


@pytest.mark.parametrize("shape", [[47], [4, 4, 3], [1, 4, 4], [3, 16], []])
def test_another_input_is_refused(colour: tuple[Path, np.ndarray], shape: list[int]) -> None:
    with pytest.raises(ValueError, match=r"images of shape \[3, 4, 4\] do not fit an input of"):
        load_splits(colour[0], block(), shape)


def test_l2_gives_unit_norms(colour: tuple[Path, np.ndarray]) -> None:
    test = load_splits(colour[0], block(scaling="l2"), [48])["test"].images
    np.testing.assert_allclose(np.linalg.norm(test, axis=1), 1, rtol=1e-6)


def test_rows_keep_their_scale(colour: tuple[Path, np.ndarray]) -> None:
    test = load_splits(colour[0], block(scaling="l2"), [48])["test"]
    rows = np.array([7, 2])
    assert np.array_equal(test[rows].images, test.images[rows])


def test_what_does_not_go_together_is_no_split(colour: tuple[Path, np.ndarray]) -> None:
    split = load_splits(colour[0], block(), [48])["test"]
    with pytest.raises(ValueError, match="30 images, but 29 labels"):
        replace(split, labels=split.labels[1:])
    with pytest.raises(ValueError, match=r"expected shape \(48,\)"):
        replace(split, factor=split.factor[1:])
    with pytest.raises(ValueError, match="expected uint8"):
        replace(split, pixels=split.pixels[:, ::2])


def test_unknown_scaling_is_refused(colour: tuple[Path, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="found 'minmax', expected unit"):
        load_splits(colour[0], block(scaling="minmax"), [48])


def test_examples_are_the_first(colour: tuple[Path, np.ndarray]) -> None:
    whole = load_splits(colour[0], block(), [48])
    for name, split in load_splits(colour[0], block(examples=3), [48]).items():
        assert np.array_equal(split.images, whole[name].images[:3])
        assert np.array_equal(split.labels, whole[name].labels[:3])


def test_loading_needs_no_heavy_library() -> None:
    """A run of a sparse ticket takes seconds; importing torch would take as long again."""
    script = "import sys, lth_core.data.load; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, encoding="utf-8"
    ).stdout.split()
    assert not {"torch", "pandas", "pydantic", "snakemake", "PIL"} & set(loaded)
