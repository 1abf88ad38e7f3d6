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


@pytest.mark.slow
@pytest.mark.long
def test_all_else_is_what_it_would_have_been(fresh: "Project", built: "Project") -> None:
    keep(fresh, "none")
    fresh.run(*FIGURES)
    assert fresh.files() == without(built.files(), WEIGHTS, MASKS)
    assert fresh.stale(*FIGURES) == set()


@pytest.mark.slow
@pytest.mark.long
def test_what_is_needed_again_is_trained_again(project: "Project", built: "Project") -> None:
    keep(project, "masks")
    assert project.stale(*FIGURES) == set()  # removes nothing that it did not make
    for weights in project.path("results/tiny/runs").rglob(WEIGHTS):
        weights.unlink()
    assert project.stale(*FIGURES) == set()
    project.edit(EXPERIMENTS, "rounds: 2\n  trials: 2", "rounds: 3\n  trials: 2")
    project.run("fig91")
    before, after = (without(p.files("results/tiny/runs"), WEIGHTS) for p in (built, project))
    assert before.items() <= after.items()
    assert any("net_imp/round_03" in path for path in after)
    assert not list(project.path("results/tiny/runs").rglob(WEIGHTS))


def test_a_new_control_needs_no_ticket_trained_again(project: "Project") -> None:
    """It reads their masks, which are there, and not their weights, which are not."""
    keep(project, "masks")
    for weights in project.path("results/tiny/runs").rglob(WEIGHTS):
        weights.unlink()
    control = "arm: {mask: {source: of, experiment: net_imp}, weights: {source: original}}"
    project.append(
        EXPERIMENTS, f"net_again: {{description: A control., extends: net_reinit, {control}}}\n"
    )
    project.add_figure("fig93", "net_imp", "net_again")
    training = {f"Training net_again, round {r:02d}, trial_0" for r in (1, 2)}
    assert project.stale("fig93") == training | {"Summing up net_again", "Drawing fig93"}


def test_an_audit_knows_what_was_removed_on_purpose(project: "Project") -> None:
    run = project.path(RUN)
    (run / WEIGHTS).unlink()
    assert ("missing", f"{WEIGHTS} is gone") in audit(project)
    keep(project, "masks")
    assert ("omitted", f"{WEIGHTS} is not kept") in audit(project)
    (run / MASKS).unlink()
    assert ("missing", f"{MASKS} is gone") in audit(project)


def audit(project: "Project") -> set[tuple[str, str]]:
    """Return what an audit says of one run."""
    with contextlib.chdir(project.folder):
        arguments = ["audit", "results/tiny/figures/fig91.png", "--json"]
        result = CliRunner().invoke(app, arguments)
        report = json.loads(result.output)
    [reasons] = [node["reasons"] for node in report["nodes"] if RUN in node["manifest"]]
    return {(reason["status"], re.split(" [(]|;", reason["text"])[0]) for reason in reasons}
