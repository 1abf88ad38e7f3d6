"""The command `lth gallery`."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lth_core.cli import app

ROOT = Path(__file__).parents[2]


def test_gallery_of_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config", "lth_core"):
        (tmp_path / name).symlink_to(ROOT / name)
    figures = tmp_path / "results/quick/figures"
    figures.mkdir(parents=True)
    for suffix in ("png", "csv", "manifest.json"):
        shutil.copy(ROOT / f"results/published/quick/figures/fig04.{suffix}", figures)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["gallery", "--scale", "quick"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("results/quick/gallery.html: 1 of ")
    assert 'src="figures/fig04.png"' in (figures.parent / "gallery.html").read_text()
