"""`keep_checkpoints`: what is removed, that results stay, and that it comes back when needed."""

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from lth_core.cli import app

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

FIGURES = ("fig91", "fig92")
WEIGHTS, MASKS = "weights.safetensors", "masks.safetensors"
RUN = "results/tiny/runs/net_imp/round_01/trial_0"
EXPERIMENTS = "config/experiments/net.yaml"


def keep(project: "Project", policy: str) -> None:
    project.edit("config/config.yaml", "keep_checkpoints: all", f"keep_checkpoints: {policy}")


def without(files: dict[str, bytes], *names: str) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if Path(path).name not in names}


@pytest.mark.parametrize(("policy", "removed"), [("masks", {WEIGHTS}), ("none", {WEIGHTS, MASKS})])
def test_all_else_is_what_it_would_have_been(
    policy: str, removed: set[str], fresh: "Project", built: "Project"
) -> None:
    keep(fresh, policy)
    fresh.run(*FIGURES)
    assert fresh.files() == without(built.files(), *removed)
    assert fresh.stale(*FIGURES) == set()


def test_what_is_needed_again_is_trained_again(project: "Project", built: "Project") -> None:
    keep(project, "masks")
    assert project.stale(*FIGURES) == set()  # removes nothing that it did not make
    for weights in project.path("results/tiny/runs").rglob(WEIGHTS):
        weights.unlink()
    assert project.stale(*FIGURES) == set()
    project.edit(EXPERIMENTS, "rounds: 2\n  trials: 2", "rounds: 3\n  trials: 2")
    project.run(*FIGURES)
    before, after = (without(p.files("results/tiny/runs"), WEIGHTS) for p in (built, project))
    assert before.items() <= after.items()
    assert any("net_imp/round_03" in path for path in after)
    assert not list(project.path("results/tiny/runs").rglob(WEIGHTS))


def test_an_audit_knows_what_was_removed_on_purpose(project: "Project") -> None:
    run = project.path(RUN)
    (run / WEIGHTS).unlink()
    assert audit(project) == ("missing", f"{WEIGHTS} is gone")
    keep(project, "masks")
    assert audit(project) == ("omitted", f"{WEIGHTS} is not kept")
    (run / MASKS).unlink()
    assert audit(project) == ("missing", f"{MASKS} is gone")


def audit(project: "Project") -> tuple[str, str]:
    """Return the worst that an audit says of one run."""
    with contextlib.chdir(project.folder):
        arguments = ["audit", "results/figures/fig91.png", "--json"]
        result = CliRunner().invoke(app, arguments)
        report = json.loads(result.output)
    reason = next(node["reasons"][0] for node in report["nodes"] if RUN in node["manifest"])
    return reason["status"], re.split(" [(]|;", reason["text"])[0]
