"""The results that are published: each is what it says, and can be drawn again."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.published.page import PAGE, page
from tests.published.conftest import ROOT

PUBLISHED = ROOT / "results" / "published"
RECORDS = sorted(PUBLISHED.glob("*/figures/*.manifest.json"))
NAMES = [path.relative_to(ROOT).as_posix() for path in RECORDS]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_proven_down_to_the_data(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be of an older commit; nothing may be missing but what is known to be left out."""
    monkeypatch.chdir(ROOT)
    file = name.replace("manifest.json", "png")
    found = json.loads(CliRunner().invoke(app, ["audit", file, "--json"]).output)
    nodes = found["nodes"]
    assert {node["status"] for node in nodes} <= {"verified", "omitted", "foreign", "stale"}
    trained = [node for node in nodes if "dataset" in (node["settings"] or {})]
    assert not trained or "data" in {node["kind"] for node in nodes}


@pytest.mark.skipif(not RECORDS, reason="no figure is published")
def test_the_page_lists_what_is_there() -> None:
    assert (PUBLISHED / PAGE).read_text() == page(PUBLISHED)


@pytest.mark.slow
@pytest.mark.skipif(not RECORDS, reason="no figure is published")
def test_drawn_again_they_have_the_same_bytes(tmp_path: Path) -> None:
    for name in ("lth_core", "notebooks", "config", "results/published"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    before = _files(tmp_path)
    command = [sys.executable, "-m", "lth_core.published.redraw"]
    subprocess.run(command, cwd=tmp_path, check=True, env={"PYTHONPATH": str(tmp_path)})
    assert _files(tmp_path) == before


def _files(root: Path) -> dict[str, bytes]:
    published = root / "results" / "published"
    files = [path for path in published.rglob("*") if path.is_file()]
    return {str(path.relative_to(published)): path.read_bytes() for path in files}
