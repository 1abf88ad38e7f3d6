import io
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from lth_core.data.errors import DataError
from lth_core.data.formats.cifar import decode_batches, parse_batch, parse_labels, parse_png

GENERATOR = np.random.default_rng(0)
ROWS = GENERATOR.integers(0, 256, (10000, 3072), dtype=np.uint8)
LABELS = GENERATOR.integers(0, 10, 10000)


def batch() -> bytes:
    """A batch with the keys and opcodes of the published ones, which Python 2 wrote."""
    entry = {
        "batch_label": "training batch 1 of 5",
        "labels": LABELS.tolist(),
        "data": ROWS,
        "filenames": ["leptodactylus_pentadactylus_s_000004.png"] * 3,
    }
    raw = pickle.dumps(entry, 3)
    # BINBYTES -> BINSTRING, Python 2's only string.
    at = raw.index(b"B" + ROWS.nbytes.to_bytes(4, "little"))
    return raw[:at] + b"T" + raw[at + 1 :]


def test_python_batch_is_decoded() -> None:
    images, labels = parse_batch(batch(), "x")
    assert images.shape == (10000, 32, 32, 3)
    assert np.array_equal(images[7, :, :, 2].ravel(), ROWS[7, 2048:])
    assert np.array_equal(labels, LABELS)


def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path: Path) -> None:
    witness = tmp_path / "it-ran"

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (witness.write_text, ("x",))

    evil = pickle.dumps({"data": Evil()})
    with pytest.raises(DataError, match="data_batch_1: not a CIFAR-10 batch: .* found 0 labels"):
        decode_batches(lambda name: evil)
    assert not witness.exists()


@pytest.mark.parametrize("raw", [b"", b"not a pickle", batch()[:1000]])
def test_damaged_batch_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError, match="^x: not a CIFAR-10 batch"):
        parse_batch(raw, "x")


def test_picture_is_decoded_row_by_row() -> None:
    pixels = ROWS.reshape(10000, 1024, 3)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    images = parse_png(file.getvalue(), "x")
    assert np.array_equal(images[3, 1, 5], pixels[3, 32 + 5])
    with pytest.raises(DataError, match="^x: damaged picture"):
        parse_png(file.getvalue()[:5000], "x")


def test_picture_of_another_size_is_refused() -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 4)).save(file, "PNG")
    with pytest.raises(DataError, match="x: expected RGB of 1024 x 10000 pixels, found RGB of 8"):
        parse_png(file.getvalue(), "x")


@pytest.mark.parametrize("labels", [{"a": 1}, [1, 10], [1, "2"]])
def test_other_lists_of_labels_are_refused(labels: object) -> None:
    with pytest.raises(DataError, match="^x: expected a list of integers from 0 to 9"):
        parse_labels(json.dumps(labels).encode(), "x")


@pytest.mark.slow
def test_the_real_cifar10_is_prepared(cifar10_file: Path) -> None:
    arrays = load_file(cifar10_file)
    assert arrays["train_labels"][:10].tolist() == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]
    assert arrays["train_images"][0, 0, 0].tolist() == [59, 62, 63]
    assert arrays["channel_mean"] / 255 == pytest.approx([0.49139968, 0.48215841, 0.44653091])
    deviation = arrays["channel_deviation"] / 255
    assert deviation == pytest.approx([0.24703223, 0.24348513, 0.26158784])
