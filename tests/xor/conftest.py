"""A few networks and jobs of v1's XOR experiments."""

import contextlib
import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.networks.shapes import Weights
from lth_core.runs.plan import Plan, TrainingJob
from tests.projects import plan_at


@pytest.fixture(scope="session")
def paper() -> Plan:
    """The plan of the paper as published."""
    return plan_at("paper")


class Work:
    """A folder in which the jobs of a plan with fewer and shorter runs are done."""

    def __init__(self, paper: Plan, trials: int, root: Path) -> None:
        xor = paper.project.xor
        training = xor.training.model_copy(update={"iterations": 400})
        fewer = xor.model_copy(update={"training": training, "trials": trials})
        self.xor, self.root = fewer, root
        self.plan = Plan(replace(paper.project, xor=fewer))

    def jobs(self, experiment: str) -> list[TrainingJob]:
        """Return the jobs of all rounds of an experiment, also those that another one shares."""
        return [self.plan.job(run) for run in self.plan.runs(experiment)]

    def folder(self, job: TrainingJob) -> Path:
        """Return where a job leaves its files."""
        return self.root / Path(self.plan.manifest(job)).parent

    def load(self, job: TrainingJob, file: str) -> dict[str, np.ndarray]:
        """Return the tensors of a job's file."""
        return load_file(self.folder(job) / file)

    def told(self, job: TrainingJob) -> dict[str, Any]:
        """Return what a job is told, to be changed at will."""
        return copy.deepcopy(self.plan.specification(job))

    def do(self, told: dict[str, Any], out: Path) -> None:
        """Do what a job is told."""
        with contextlib.chdir(self.root):
            run("train_xor", told, code_of("train_xor", told), out)


@pytest.fixture(scope="session")
def trained(paper: Plan, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """All jobs of v1_xor_iter_product and v1_xor_oneshot_product with 30 trials, done."""
    work = Work(paper, 30, tmp_path_factory.mktemp("xor"))
    for experiment in ("v1_xor_iter_product", "v1_xor_oneshot_product"):
        for job in work.jobs(experiment):
            work.do(work.told(job), work.folder(job))
    return work


@pytest.fixture
def few(paper: Plan, tmp_path: Path) -> Work:
    """The same with 3 trials; nothing has been done."""
    return Work(paper, 3, tmp_path)


@pytest.fixture
def random_weights() -> Callable[[int, int], Weights]:
    """A function that draws weights of so many lanes and units, far from small."""

    def draw(lanes: int, units: int) -> Weights:
        generator = np.random.default_rng(5)
        shapes = {
            "fc1.weight": (lanes, units, 2),
            "fc1.bias": (lanes, units),
            "output.weight": (lanes, 1, units),
            "output.bias": (lanes, 1),
        }
        return {
            name: generator.standard_normal(shape).astype(np.float32)
            for name, shape in shapes.items()
        }

    return draw
