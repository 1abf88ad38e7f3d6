import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from lth_core.data.errors import DataError
from lth_core.data.mnist import parse_idx, read_folder

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def idx(array: np.ndarray) -> bytes:
    return (
        b"\x00\x00\x08"
        + struct.pack(f">B{array.ndim}I", array.ndim, *array.shape)
        + bytes(array.data)
    )


def test_idx_file_is_decoded() -> None:
    assert np.array_equal(parse_idx(idx(IMAGES), "x"), IMAGES)


@pytest.mark.parametrize("length", [0, 3, 10, 39])
def test_truncated_idx_is_refused_by_name(length: int) -> None:
    with pytest.raises(DataError, match="^t10k: (truncated|not an IDX file)"):
        parse_idx(idx(IMAGES)[:length], "t10k")


def test_idx_with_bytes_to_spare_is_refused() -> None:
    with pytest.raises(DataError, match="41 bytes, its header announces 40"):
        parse_idx(idx(IMAGES) + b"\x00", "x")


def test_idx_of_another_type_is_refused() -> None:
    with pytest.raises(DataError, match="found 00 00 0d"):
        parse_idx(b"\x00\x00\x0d\x01\x00\x00\x00\x00", "x")


def test_folder_in_torchvisions_layout_raw_or_gzipped(tmp_path: Path) -> None:
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        (folder / name).write_bytes(idx(IMAGES))
    for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        (folder / f"{name}.gz").write_bytes(gzip.compress(idx(IMAGES + 1)))
    arrays = read_folder(tmp_path)
    assert np.array_equal(arrays["train_images"], IMAGES)
    assert np.array_equal(arrays["test_labels"], IMAGES + 1)


def test_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train-images-idx3-ubyte: no such file"):
        read_folder(tmp_path)
    damaged = tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte.gz"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(gzip.compress(idx(IMAGES))[:-9])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz: damaged"):
        read_folder(tmp_path)
