import struct

import numpy as np
import pytest

from lth_core.data.errors import DataError
from lth_core.data.formats.idx import FILES, decode, parse_idx

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


def test_the_four_files_are_read() -> None:
    files = {f"data/{name}": idx(IMAGES + number) for number, name in enumerate(FILES.values())}
    arrays = decode(files.__getitem__, "data")
    assert list(arrays) == ["train_images", "train_labels", "test_images", "test_labels"]
    assert np.array_equal(arrays["test_labels"], IMAGES + 3)
