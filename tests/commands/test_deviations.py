"""The command `lth deviations`."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from lth_core.cli import app

ROOT = Path(__file__).parents[2]
CURVES = Path("config/paper/curves/fig04.csv")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of config/ and of what is published at scale quick."""
    for name in ("config", "results/published/quick"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_published_figure(project: Path) -> None:
    """One line: iterative pruning's early stopping, two sizes."""
    curves = pd.read_csv(CURVES)
    first = (curves["panel"] == "early_stop_iteration") & (curves["series"] == "lenet_imp")
    curves[first & curves["x"].isin([1.1943, 64.0639])].to_csv(CURVES, index=False)
    result = CliRunner().invoke(app, ["deviations", "fig04", "--scale", "quick"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("fig04 at scale quick: 8,000 of 50,000 iterations")
    assert result.output.count("| lenet_imp |") == 1
    summary = pd.read_parquet("results/published/quick/tables/lenet_imp/summary.parquet")
    smallest = summary[summary["round"] == 20]
    stop = smallest.groupby("trial")["early_stop_iteration"].mean().mean()
    assert f"| {stop:,.0f} | 14,298 | 9,270 to 17,439 |" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fig99"], "no figure is called 'fig99'"),
        (["fig03"], "fig03 is of the family learning_curves"),
        (["fig100"], f"{CURVES.with_name('fig100.csv')} is not there"),
        (["fig07", "--scale", "quick"], "snakemake --cores 2 --config scale=quick -- fig07"),
    ],
)
def test_what_cannot_be_compared(project: Path, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["deviations", *arguments])
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.parametrize("figure", ["fig04", "fig04_partial"])
def test_lines_that_were_not_run_are_named(project: Path, figure: str) -> None:
    curves = pd.read_csv(CURVES)
    curves[curves["series"].isin(["lenet_imp", "lenet_imp_reinit"])].to_csv(CURVES, index=False)
    shutil.rmtree(project / "results/published/quick/tables/lenet_imp")
    result = CliRunner().invoke(app, ["deviations", figure, "--scale", "quick"])
    assert result.exit_code == 0, result.output
    assert "Not run: Winning ticket (iterative)." in result.output.splitlines()[0]
    assert "| lenet_imp_reinit |" in result.output and "| lenet_imp |" not in result.output
