"""examples/: the hypothesis in one file has the pipeline's masks; the lesson runs."""

import contextlib
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import papermill
import pytest
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.ticket import load

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LESSON = EXAMPLES / "ticket.ipynb"
ROUNDS, ITERATIONS = 2, 200
# 200 of the paper's 50,000 iterations.
SCALE = "iterations: 0.004\nevaluate_every: 100\nrounds: 2\ntrials: 1\nreplicates: 1\n"


@pytest.fixture
def example(mnist_file: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """examples/ticket.py, with less to do."""
    spec = importlib.util.spec_from_file_location("example", EXAMPLES / "ticket.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert mnist_file == module.DATA
    monkeypatch.setattr(module, "ROUNDS", ROUNDS)
    monkeypatch.setattr(module, "ITERATIONS", ITERATIONS)
    return module


def test_its_networks_are_the_pipelines(
    example: ModuleType, checkout: Callable[[str], "Project"]
) -> None:
    project = checkout("lesson")
    project.write("config/scales/lesson.yaml", SCALE)
    arguments = ["--round", str(ROUNDS), "--scale", "lesson", "--out", "."]
    with contextlib.chdir(project.folder):
        result = CliRunner().invoke(app, ["train", "lenet_imp_reinit", *arguments])
    assert result.exit_code == 0, result.output
    networks = list(example.tickets(example.data()))
    for round_, (ticket, control) in enumerate(networks):
        for found, name in ((ticket, "lenet_imp"), (control, "lenet_imp_reinit")):
            if found is None or (found is control and round_ < ROUNDS):
                continue  # the dense network has no control, and the first was not asked for
            there = load(name, round_, scale="lesson", folder=project.folder)
            for key, mask in found.masks.items():
                assert np.array_equal(mask, there.mask[key])
            for key, weight in found.weights.items():
                assert np.array_equal(weight, there.trained()[key])


def test_it_says_what_came_out(example: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    example.main()
    head, *lines = capsys.readouterr().out.splitlines()
    assert "accuracy" in head
    assert [line.split()[0] for line in lines] == ["100.0%", "80.0%", "64.1%"]


def test_the_lesson_is_kept_without_outputs() -> None:
    cells = [c for c in json.loads(LESSON.read_text())["cells"] if c["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def test_the_lesson_runs(mnist_file: Path, tmp_path: Path) -> None:
    parameters = {"ROUNDS": ROUNDS, "ITERATIONS": ITERATIONS}
    done = papermill.execute_notebook(
        str(LESSON), str(tmp_path / "done.ipynb"), parameters, cwd=EXAMPLES, progress_bar=False
    )
    pictures = [
        output
        for cell in done.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 4
