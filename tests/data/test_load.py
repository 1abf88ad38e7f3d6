import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lth_core.data.load import load_splits, validation_mask
from lth_core.data.scaling import channel_statistics


def test_mnist_is_split_as_in_the_paper(mnist_file: Path) -> None:
    splits = load_splits(mnist_file, validation=5000, split_seed=0, scaling="unit")
    sizes = {name: split.images.shape for name, split in splits.items()}
    assert sizes == {"train": (55000, 784), "validation": (5000, 784), "test": (10000, 784)}
    for split in splits.values():
        assert split.images.dtype == np.float32
        assert split.images.flags.c_contiguous
        assert split.labels.dtype == np.uint8


def test_parts_are_disjoint_in_order_and_complete(mnist_file: Path) -> None:
    arrays = load_file(mnist_file)
    held_out = validation_mask(60000, 5000, 0)
    splits = load_splits(mnist_file, 5000, 0, "unit")
    assert held_out.sum() == 5000
    assert np.array_equal(splits["validation"].labels, arrays["train_labels"][held_out])
    assert np.array_equal(splits["train"].labels, arrays["train_labels"][~held_out])
    pixels = np.rint(splits["train"].images * 255).astype(np.uint8)
    assert np.array_equal(pixels, arrays["train_images"][~held_out].reshape(-1, 784))


def test_the_split_is_frozen() -> None:
    """Another draw would make every result so far another experiment's."""
    drawn = np.flatnonzero(validation_mask(60000, 5000, 0))
    assert drawn[:5].tolist() == [19, 25, 36, 48, 66]
    assert not np.array_equal(drawn, np.flatnonzero(validation_mask(60000, 5000, 1)))


@pytest.mark.parametrize("validation", [0, -1, 60000])
def test_a_validation_set_of_nothing_or_all_is_refused(validation: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 59999"):
        validation_mask(60000, validation, 0)


def colour_file(path: Path) -> tuple[Path, np.ndarray]:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (30, 4, 4, 3), dtype=np.uint8)
    labels = generator.integers(0, 10, 30, dtype=np.uint8)
    tensors = {"train_images": images, "train_labels": labels}
    save_file(tensors | {"test_images": images, "test_labels": labels}, path)
    return path, images


def test_colour_images_are_standardised_channels_first(tmp_path: Path) -> None:
    path, images = colour_file(tmp_path / "x.safetensors")
    test = load_splits(path, 5, 0, "standardise")["test"].images
    wanted = (images - images.mean((0, 1, 2))) / images.std((0, 1, 2))
    assert test.shape == (30, 3, 4, 4)
    assert test.flags.c_contiguous
    np.testing.assert_allclose(test.transpose(0, 2, 3, 1), wanted, rtol=1e-5, atol=1e-6)


def test_l2_gives_unit_norms(tmp_path: Path) -> None:
    path, images = colour_file(tmp_path / "x.safetensors")
    test = load_splits(path, 5, 0, "l2")["test"].images.reshape(30, -1)
    np.testing.assert_allclose(np.linalg.norm(test, axis=1), 1, rtol=1e-6)


def test_unknown_scaling_is_refused(tmp_path: Path) -> None:
    path, _ = colour_file(tmp_path / "x.safetensors")
    with pytest.raises(ValueError, match="found 'minmax', expected one of"):
        load_splits(path, 5, 0, "minmax")  # type: ignore[arg-type]


def test_mnist_statistics_are_the_known_ones(mnist_file: Path) -> None:
    mean, deviation = channel_statistics(load_file(mnist_file)["train_images"][:, None])
    assert mean / 255 == pytest.approx(0.1306604762738429)
    assert deviation / 255 == pytest.approx(0.30810780717887876)


def test_loading_needs_no_heavy_library() -> None:
    """A run of a sparse ticket takes seconds; importing torch would take as long again."""
    script = "import sys, lth_core.data.load; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"torch", "pandas", "pydantic", "snakemake", "PIL"} & set(loaded)
