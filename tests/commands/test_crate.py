"""What the command `lth crate` refuses before it packs anything."""

import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.crate.export import check_target
from tests.damage import DAMAGE, Damage

ROOT = Path(__file__).parents[2]
FIGURE = "results/quick/figures/fig04.png"
MANIFEST = "results/quick/figures/fig04.manifest.json"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one figure; the current folder."""
    made = tmp_path / Path(FIGURE).parent
    made.mkdir(parents=True)
    for path in (ROOT / "results/published/quick/figures").glob("fig04.*"):
        shutil.copy(path, made)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(*arguments: str) -> str:
    """Return what is said of a crate that is not made."""
    result = CliRunner().invoke(app, ["crate", *arguments])
    assert result.exit_code == 1
    assert not list(Path().rglob("*.zip"))
    return result.stderr


@pytest.mark.parametrize("file", [FIGURE, MANIFEST])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_figure_whose_manifest_is_damaged(folder: Path, file: str, damage: Damage) -> None:
    path = folder / MANIFEST
    path.write_bytes(damage(path.read_bytes()))
    assert refused(file) == f"{MANIFEST} is no manifest, or damaged\n"


@pytest.mark.parametrize("arguments", [[FIGURE], [FIGURE, "--weights"], ["--workflow"]])
@pytest.mark.parametrize("out", ["README.md", "results/quick/figures/fig04.csv", "results"])
def test_what_is_no_crate_is_not_replaced(folder: Path, out: str, arguments: list[str]) -> None:
    (folder / "README.md").touch()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    said = f"{out} exists and is no zip file; choose another --out\n"
    assert refused(*arguments, "--out", out) == said
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_zip_file_or_nothing_may_be_the_target(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "crate.zip", "w") as archive:
        archive.writestr("README.md", "An older one.")
    check_target(tmp_path / "crate.zip")
    check_target(tmp_path / "new.zip")


def test_the_workflow_has_no_weights(folder: Path) -> None:
    result = CliRunner().invoke(app, ["crate", "--workflow", "--weights"], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert "--weights are those of a figure's runs: --workflow packs none" in result.output
    assert not (folder / "workflow.zip").exists()
