"""How jobs are named for a reader, wherever their files lie."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lth_core.audit.groups import grouped, label
from lth_core.audit.load import load_graph
from lth_core.cli import app

Make = Callable[..., Path]
RUNS = "results/tiny/runs/net"
RUN = f"{RUNS}/round_01/trial_0"


def test_runs_of_an_experiment_are_one_line(make: Make) -> None:
    top = make()
    graph = load_graph(top, top.parents[4])
    (group,) = grouped(graph, [graph.nodes[path] for path in graph.nodes[graph.top].parents], set())
    assert group.label == "6 training jobs of net: rounds 0-2, trials 0-1"
    (node,) = [node for node in graph.nodes.values() if node.folder == RUN]
    assert label(node) == "1 training job of net: round 1, trial 0"


@pytest.mark.parametrize(
    "folder", ["copied", f"{RUN}.broken", f"{RUN}.1.broken", f"{RUNS}/copy", "runs/net/trial_0"]
)
def test_a_run_that_lies_elsewhere(
    make: Make, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """It was copied, or set aside as a broken input."""
    root = make().parents[4]
    monkeypatch.chdir(root)
    shutil.copytree(RUN, folder)
    graph = load_graph(root / folder / "manifest.json", root)
    assert label(graph.nodes[graph.top]) == f"train {folder}"
    result = CliRunner().invoke(app, ["audit", f"{folder}/out.bin"])
    assert result.exit_code == 1 and f"train {folder}" in result.output
    assert "1 training job of net: round 0, trial 0" in result.output
