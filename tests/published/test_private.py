"""Nothing that is published names a person, a machine, or a folder of one."""

import getpass
import re
import socket
from pathlib import Path

import pandas as pd
import pytest

from lth_core.audit.archive import read_archive
from tests.published.conftest import ROOT

FILES = sorted(path for path in (ROOT / "results/published").rglob("*") if path.is_file())
# Where systems keep the folders of their users, and what is temporary.
FOLDERS = re.compile(
    rb"(?<![\w.])/(home|root|Users|tmp|var|scratch|mnt|data|work)/|[A-Z]:\\\\Users"
)


def names() -> set[bytes]:
    """Return this machine's and user's names, but for short ones, which may be words."""
    found = {str(ROOT), str(Path.home()), socket.gethostname(), getpass.getuser()}
    return {name.encode() for name in found if len(name) > 5}


def contents(path: Path) -> dict[str, bytes]:
    """Return what a file holds, by name; tables, which are compressed, in words."""
    if path.name == "manifests.parquet":
        return read_archive(path)
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
        texts = table.select_dtypes(exclude="number").drop_duplicates()
        return {path.name: texts.to_csv().encode()}
    return {path.name: path.read_bytes()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_tells_nothing_about_people_and_machines(path: Path) -> None:
    for name, data in contents(path).items():
        assert not FOLDERS.search(data), name
        assert not [found for found in names() if found in data], name


@pytest.mark.parametrize(
    ("text", "private"),
    [
        (b'"why": "not a repository: /home/ada/tickets"', True),
        (b"/Users/ada/results", True),
        (b"results/published/data/home/x", False),
        (b"results/data/mnist.safetensors", False),
    ],
)
def test_folders_of_people_are_known(text: bytes, private: bool) -> None:
    assert bool(FOLDERS.search(text)) == private
