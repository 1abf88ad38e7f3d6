"""Results that were copied, touched, packed otherwise or fetched again: what they are decides."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

FIGURES = ("fig91", "fig92")
EXPERIMENTS = "config/experiments/net.yaml"
RUNS = "results/tiny/runs"


def shuffle_dates(project: "Project") -> None:
    """Give all files dates in random order."""
    paths = [path for path in project.folder.rglob("*") if path.is_file()]
    random.Random(0).shuffle(paths)
    for second, path in enumerate(paths):
        os.utime(path, (10**9 + second, 10**9 + second))


def test_copied_results_are_as_good_as_where_they_were_made(
    project: "Project", mnist_file: Path, linked: Callable[["Project", str, Path], None]
) -> None:
    shutil.rmtree(project.path(".snakemake"))
    shuffle_dates(project)
    assert project.stale(*FIGURES) == set()
    # Data fetched again, from elsewhere: only the context of its manifest differs.
    for path in project.path("results/data").iterdir():
        path.unlink()
    linked(project, "mnist", mnist_file)
    context = project.path("results/data/mnist.context.json")
    context.write_text(context.read_text().replace("this test", "another place"))
    project.edit("config/config.yaml", "trials_per_job: 1", "trials_per_job: 2")
    assert project.stale(*FIGURES) == set()
    # And what has changed is found as before.
    project.edit(EXPERIMENTS, "learning_rate: 0.002", "learning_rate: 0.003")
    training = {f"Training net_rate_other, round {r:02d}, trial_0" for r in range(3)}
    assert project.stale(*FIGURES) == training | {"Summing up net_rate_other", "Drawing fig92"}


@pytest.mark.slow
@pytest.mark.long
def test_a_checkpoint_that_is_made_again_makes_nothing_else_stale(project: "Project") -> None:
    before = project.files(RUNS)
    shutil.rmtree(project.path(".snakemake"))
    project.path(f"{RUNS}/net_imp/round_02/trial_0/weights.safetensors").unlink()
    assert project.stale(*FIGURES) == set()
    project.append(
        EXPERIMENTS,
        "net_more: {description: One more round., extends: net_imp, rounds: 3, trials: 1}\n",
    )
    project.add_figure("fig93", "net_imp", "net_more")
    again = "Training net_imp, round 02, trial_0"
    new = {"Training net_more, round 03, trial_0", "Summing up net_more", "Drawing fig93"}
    assert project.stale(*FIGURES, "fig93") == {again, *new}
    project.run("fig93")
    assert before.items() <= project.files(RUNS).items()
    assert project.stale(*FIGURES, "fig93") == set()
