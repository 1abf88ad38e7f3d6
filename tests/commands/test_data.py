"""`lth data` on a small file: what it pins, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.config.checks import check_datasets
from lth_core.config.dataset import Dataset
from lth_core.config.errors import ConfigError, Errors, validated
from lth_core.config.files import read_mapping
from lth_core.data.dataset import Arrays
from lth_core.data.scaling import scale

MINE, VARIANT = Path("config/datasets/mine.yaml"), Path("config/datasets/mine_other.yaml")


@pytest.fixture
def arrays() -> Arrays:
    """Images in two channels, from 1 to 255."""
    images = np.random.default_rng(0).integers(1, 256, (8, 2, 2, 2), np.uint8)
    labels = np.arange(8, dtype=np.uint8) % 2
    return {
        **{"train_images": images[:5], "train_labels": labels[:5]},
        **{"test_images": images[5:], "test_labels": labels[5:]},
    }


@pytest.fixture
def folder(arrays: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of these data, in the current folder."""
    monkeypatch.chdir(tmp_path)
    MINE.parent.mkdir(parents=True)
    Path("config/config.yaml").write_text("scale: quick\n")
    write("unit")
    np.savez("mine.npz", **arrays)
    return tmp_path


def write(scaling: str, pinned: str = "") -> None:
    source = "source: {type: npz, path: mine.npz}\n"
    MINE.write_text(f"{source}validation: 2\nscaling: {scaling}\n{pinned}")


def said(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["data", "mine", *options])
    return result.exit_code, " ".join(result.output.split())


def check() -> None:
    """Check both files as `lth check` does."""
    errors, files = Errors(), (MINE, VARIANT)
    found = {file.stem: validated(Dataset, file, read_mapping(file)) for file in files}
    check_datasets(MINE.parent, found, errors)
    errors.raise_found()


def test_it_pins_and_checks(folder: Path) -> None:
    assert said()[0] == 1
    assert said("--pin")[0] == 0
    assert "unfit" not in MINE.read_text()
    status, text = said()
    assert status == 0 and text.startswith("mine: 5 training and 3 test examples of 2 x 2 pixels")


@pytest.mark.parametrize(
    ("scaling", "told"),
    [
        ("l2", "length of image 1 of test_images, which is all black; should be unit or"),
        ("standardise", "deviation of channel 1 of train_images, which is 0; should be unit or"),
    ],
)
def test_a_scaling_that_would_divide_by_zero_is_refused(
    scaling: str, told: str, folder: Path, arrays: Arrays
) -> None:
    if scaling == "l2":
        arrays["test_images"][1] = 0
    else:
        arrays["train_images"][..., 1] = 7
    np.savez("mine.npz", **arrays)
    words = f"scaling: found {scaling}, which would divide by the {told}"
    write(scaling)
    before = MINE.read_text()
    status, text = said("--pin")
    assert status == 1 and text.startswith(f"{MINE}: {words}")
    assert MINE.read_text() == before
    write("unit")
    assert said("--pin")[0] == 0
    VARIANT.write_text("validation: 2\nscaling: unit\n")
    check()
    VARIANT.write_text(f"validation: 2\nscaling: {scaling}\n")
    with pytest.raises(ConfigError, match=f"mine_other.yaml: {words}"):
        check()
    MINE.write_text(MINE.read_text().partition("  unfit:")[0])  # as pinned before there was that
    assert f"{MINE}: pinned.unfit: found {{}}, should be" in said()[1]


def test_what_is_said_to_be_unfit_is_what_scaling_makes_nan(arrays: Arrays) -> None:
    from lth_core.data.layout import prepared
    from lth_core.data.unfit import unfit

    assert unfit(arrays) == {}
    arrays["train_images"][..., 0] = 0
    arrays["train_images"][3] = 0
    assert set(unfit(arrays)) == {"l2", "standardise"}
    whole = prepared(arrays, 2)
    pixels = arrays["train_images"].transpose(0, 3, 1, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        standardised, l2 = (scale(name, pixels, whole) for name in ("standardise", "l2"))
    assert not np.isfinite(standardised.factor).all()
    assert l2.norm is not None and (l2.norm == 0).sum() == 1


PINNED = "images: [2, 2, 2], classes: 2, train: 5, test: 3, sha256: {mine.npz: " + "a" * 64 + "}"


def test_a_block_that_cannot_be_renewed_is_left(folder: Path) -> None:
    write("unit", f"pinned: {{{PINNED}\n}}\n")
    before = MINE.read_text()
    status, text = said("--pin")
    assert status == 1 and "pinned: this block cannot be renewed as it is written" in text
    assert MINE.read_text() == before
    block = PINNED.replace(", c", "\n  c").replace(", t", "\n# Why.\n  t").replace(", s", "\n  s")
    write("unit", f"pinned:\n  {block}\n")
    assert said("--pin")[0] == 0 and said()[0] == 0
