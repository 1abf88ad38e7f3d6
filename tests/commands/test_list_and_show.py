"""`lth list` and `lth show`, and the shell's completion of commands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lth_core.cli import app

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def lth(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize(
    ("what", "name", "words"),
    [
        ("experiments", "lenet_imp", "pruning"),
        ("experiments", "v1_xor_dense_10", ""),
        ("architectures", "lenet_300_100", "input 784, 266,200 weights"),
        ("figures", "fig04", "Iterative and one-shot pruning"),
        ("sources", "weights/reinit", "A new draw from the distribution of the dense network."),
    ],
)
def test_list(what: str, name: str, words: str) -> None:
    result = lth("list", what)
    assert result.exit_code == 0
    rows = dict(line.split("  ", 1) for line in result.output.splitlines())
    assert words in rows[name].strip()


def test_show(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = lth("show", "lenet_imp_reinit", "--scale", "paper").output.splitlines()
    assert lines[0] == "lenet_imp_reinit at scale paper"
    rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines[1:]]
    file = "config/experiments/lenet.yaml"
    assert ["training.learning_rate", "0.0012", f"extends lenet_imp in {file}"] in rows
    assert ["replicates", "3", file] in rows


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lenet_impp", "did you mean 'lenet_imp'?"),
        ("v1_xor_dense_10", "all settings of XOR experiments are in config/xor.yaml"),
    ],
)
def test_show_refuses(name: str, words: str) -> None:
    result = lth("show", name)
    assert result.exit_code == 1 and words in result.stderr


def test_a_shell_completes_commands() -> None:
    asked = {"_LTH_COMPLETE": "complete_bash", "COMP_WORDS": "lth sho", "COMP_CWORD": "1"}
    program = Path(sys.executable).with_name("lth")
    done = subprocess.run(
        [program], env={**os.environ, **asked}, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.split() == ["show"]
