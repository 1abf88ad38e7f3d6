"""Files are written whole or not at all."""

import os
import shutil
from pathlib import Path

import pytest

from lth_core.files import atomic_path, sha256_bytes, sha256_file, write_bytes


def test_written_and_hashed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.bin"
    write_bytes(path, b"abc")
    assert path.read_bytes() == b"abc"
    assert sha256_file(path) == sha256_bytes(b"abc")
    assert sha256_bytes(b"abc").startswith("ba7816bf")


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["file"]


def test_nobody_sees_a_half_written_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"half")
        assert not path.exists()
        # In the same folder, so that it is moved and not copied.
        assert temporary.parent == path.parent
    assert path.read_bytes() == b"half"


def test_others_may_read_what_was_written(tmp_path: Path) -> None:
    plain, atomic = tmp_path / "plain", tmp_path / "atomic"
    plain.write_bytes(b"")
    write_bytes(atomic, b"")
    assert atomic.stat().st_mode == plain.stat().st_mode


def test_an_error_names_the_file_that_it_is_about(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as gone, atomic_path(tmp_path / "copy") as temporary:
        shutil.copyfile(tmp_path / "source", temporary)
    assert gone.value.filename == str(tmp_path / "source")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file/below could not be written: "):
        write_bytes(tmp_path / "file" / "below", b"")
    assert os.listdir(tmp_path) == ["file"]
