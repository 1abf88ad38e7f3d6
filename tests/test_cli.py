"""The command `lth`."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lth_core.cli import app

ROOT = Path(__file__).parents[1]


def lth(*arguments: str):
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that consists of a copy of config/; the current folder."""
    ignored = shutil.ignore_patterns("paper")
    shutil.copytree(ROOT / "config", tmp_path / "config", ignore=ignored)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_counts_what_would_be_run(folder: Path) -> None:
    for path in folder.glob("config/experiments/*"):
        if path.name != "lenet.yaml":
            path.unlink()
    (folder / "config/figures.yaml").write_text("figures: {}")
    result = lth("check", "--scale", "paper")
    assert result.exit_code == 0
    # A job trains the three replicates of a trial, and one of XOR all trials of a round, as one
    # run; tests/runs/ and tests/xor/ explain what is shared.
    assert [line.strip() for line in result.output.splitlines()] == [
        "config/ is right. At scale paper:",
        "16 experiments (0 left out)",
        "1,933 runs, 11 of them shared",
        "1,252 jobs train the other 1,922",
    ]


def test_check_says_what_is_wrong(folder: Path) -> None:
    path = folder / "config/experiments/lenet.yaml"
    path.write_text(path.read_text().replace("learning_rate", "lerning_rate"))
    result = lth("check")
    assert result.exit_code == 1
    assert "lenet.yaml: lenet_imp.training.lerning_rate: this key is unknown" in result.output
    assert "Traceback" not in result.output


def test_check_outside_of_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = lth("check")
    assert result.exit_code == 1
    assert "config/config.yaml: there is no such file" in result.output


def test_docs_are_written_once(folder: Path) -> None:
    (folder / "config/schemas/scale.schema.json").unlink()
    result = lth("docs")
    assert result.exit_code == 0
    assert result.output == "wrote config/schemas/scale.schema.json\n"
    assert lth("docs").output == "all up to date\n"


def test_ladder(folder: Path) -> None:
    """The sizes of Lenet that the paper prints: 51.3 %, 21.1 %, 7.0 % and 3.6 %."""
    rows = lth("ladder", "lenet_300_100").output.splitlines()
    percents = {}
    for row in rows:
        cells = [cell.strip() for cell in row.strip("│").split("│")]
        if cells[0].isdigit():
            percents[int(cells[0])] = float(cells[2])
    assert list(percents) == list(range(29))
    assert [round(percents[r], 1) for r in (0, 3, 7, 12, 15)] == [100, 51.3, 21.1, 7.0, 3.6]


def test_ladder_with_other_rates(folder: Path) -> None:
    arguments = [
        "--conv",
        "0.2",
        "--fc",
        "0",
        "--output",
        "0",
        "--scope",
        "global",
        "--rounds",
        "1",
    ]
    output = lth("ladder", "vgg19", *arguments).output
    assert "16,020,224" in output and "80.01" in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lenet"], "no architecture is called 'lenet'; did you mean 'lenet_300_100'?"),
        (["conv2", "--scope", "global"], "global pruning needs one rate"),
    ],
)
def test_ladder_refuses(arguments: list[str], words: str, folder: Path) -> None:
    result = lth("ladder", *arguments)
    assert result.exit_code == 1
    assert words in result.output


def test_results_lists_what_is_built(folder: Path) -> None:
    settings = {"figure": "fig04", "scale": {"name": "smoke", "note": "2 of 5 trials"}}
    path = folder / "results/smoke/figures/fig04.manifest.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"settings": settings}))
    result = lth("results")
    assert result.exit_code == 0
    for words in ("fig04", "smoke", "results/smoke/figures/fig04.png", "2 of 5 trials"):
        assert words in result.output


def test_results_before_anything_is_built(folder: Path) -> None:
    result = lth("results")
    assert result.exit_code == 1
    assert "make quickstart" in result.output
