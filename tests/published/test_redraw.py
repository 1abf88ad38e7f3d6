"""`python -m lth_core.publish.redraw`: where it fails it says in one line what is wrong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.damage import DAMAGE
from tests.published.conftest import ROOT

PAPER = Path("results/published/paper")
TABLE = f"{PAPER}/tables/v1_xor_iter_input/manifest.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout with one published figure and its tables."""
    for name in ("config", "lth_core", "notebooks"):
        (tmp_path / name).symlink_to(ROOT / name)
    for path in [*(ROOT / PAPER).glob("figures/v1_tab2.*"), *(ROOT / PAPER).glob("tables/v1_*/*")]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path


def said(folder: Path) -> str:
    """Return what a call that fails says."""
    done = subprocess.run(
        [sys.executable, "-m", "lth_core.publish.redraw", "--jobs", "1"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize("how", ["cut off", "'{}'", "without outputs"])
def test_a_damaged_manifest_of_a_table(folder: Path, how: str) -> None:
    path = folder / TABLE
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    back = f"get it back with `git checkout {TABLE}`."
    assert said(folder) == f"error: {TABLE} is no manifest, or damaged; {back}\n"


def test_what_the_system_refuses(folder: Path) -> None:
    """Where a folder should be made there is a file, which also root cannot write into."""
    work = f"{PAPER}/figures/.v1_tab2.part"
    (folder / work).touch()
    record = folder / PAPER / "figures/v1_tab2.manifest.json"
    before = record.read_bytes()
    assert said(folder) == f"error: [Errno 17] File exists: '{work}'\n"
    assert record.read_bytes() == before
