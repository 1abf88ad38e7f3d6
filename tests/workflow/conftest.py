"""Private copies of the checkout in which tests run the real pipeline, on MNIST, with a tiny
network: two figures, three experiments, seconds a call."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from lth_core.data import sets
from lth_core.files import sha256_file
from lth_core.jobs.kind import code_of
from lth_core.provenance import context, manifest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("Snakefile", "environment.yml", "config", "lth_core", "notebooks", "profiles", "rules")

ARCHITECTURE = """\
input: [784]
layers: [{type: dense, units: 20}, {type: dense, units: 10}]
classes: 10
"""
EXPERIMENTS = """\
# The experiments of the workflow's tests.
net_imp:
  description: Iterative pruning.
  architecture: net
  dataset: mnist
  training: {optimizer: adam, learning_rate: 0.0012, batch_size: 60, iterations: 100}
  pruning: {fc: 0.2, output: 0.1}
  arm: {mask: {source: imp}, weights: {source: original}}
  rounds: 2
  trials: 2

net_reinit:
  description: Reinitialised tickets.
  extends: net_imp
  arm: {mask: {source: of, experiment: net_imp}, weights: {source: reinit}}
  rounds: 1-2
  trials: 1

net_rate:
  description: Two learning rates, of which the first is that of net_imp.
  extends: net_imp
  trials: 1
  sweep:
    same: {}
    other: {training: {learning_rate: 0.002}}
"""
FIGURE = """\
{name}:
  notebook: pruning_curves
  section: "2"
  title: A figure
  caption: A figure of the workflow's tests.
  series:
    - {{experiment: {first}, label: first, colour: blue}}
    - {{experiment: {second}, label: second, colour: orange}}
  panels:
    - name: accuracy
      x:
        quantity: percent_remaining
        label: Percent of Weights Remaining
        limits: [100, 50]
        ticks: [100, 80.1, 64.2]
      y: end_test_accuracy
      label: Accuracy
      limits: [0.5, 1.0]
"""


class Project:
    """A copy of the checkout, with MNIST already prepared, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def copy_to(self, folder: Path) -> "Project":
        """Return an exact copy, with its dates and Snakemake's records."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Project(folder)

    def path(self, name: str) -> Path:
        """Return the path of a file of the copy."""
        return self.folder / name

    def write(self, name: str, text: str) -> None:
        """Write a file of the copy."""
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace `old`, which occurs once, in a file of the copy."""
        text = self.path(name).read_text()
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        self.path(name).write_text(text.replace(old, new))

    def append(self, name: str, text: str) -> None:
        """Add to the end of a file of the copy."""
        with self.path(name).open("a") as file:
            file.write(text)

    def add_figure(self, name: str, first: str, second: str) -> None:
        """Add a figure of two experiments, in a file of its own."""
        text = FIGURE.format(name=name, first=first, second=second)
        self.write(f"config/figures/{name}.yaml", text)

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start snakemake on two cores at the head of a process group of its own."""
        return self.start_bare("--cores", "2", *arguments, **environment)

    def start_bare(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start snakemake with nothing but these arguments."""
        inherited = {key: value for key, value in os.environ.items() if key != "LTH_DATA"}
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=self.folder,
            env={**inherited, "PYTHONPATH": str(self.folder), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run snakemake, which has to succeed (or fail), and return what it printed."""
        return self.call("--cores", "2", *arguments, fails=fails)

    def call(self, *arguments: str, fails: bool = False) -> str:
        """The same, without a number of cores."""
        process = self.start_bare(*arguments)
        output, _ = process.communicate(timeout=600)
        assert (process.returncode != 0) == fails, output
        return output

    def stale(self, *targets: str) -> set[str]:
        """Return the messages of the jobs that a call for `targets` would run."""
        jobs = re.findall(r"^Job \d+: (.*)$", self.run("-n", "--", *targets), re.MULTILINE)
        assert len(jobs) == len(set(jobs))
        return {job for job in jobs if not re.fullmatch(r"fig\d+ is there, at scale \w+", job)}

    def sum_up(self, file: str, experiments: str, names: Iterable[str]) -> None:
        """Add experiments in a file of their own, and run those of these names."""
        self.write(f"config/experiments/{file}.yaml", experiments)
        self.run("--", *(f"results/tiny/tables/{name}/summary.parquet" for name in names))

    def arrays(self, name: str, round_: int, what: str) -> dict[str, np.ndarray]:
        """Return weights or masks of the first trial's run, by the name of the tensor."""
        run = f"results/tiny/runs/{name}/round_{round_:02d}/trial_0"
        found = load_file(self.path(f"{run}/{what}.safetensors"))
        return {key.rpartition("/")[2]: value for key, value in found.items()}

    def files(self, folder: str = "results") -> dict[str, bytes]:
        """Return all files below a folder of the copy by path, but for the data set and locks."""
        paths = sorted(path for path in self.path(folder).rglob("[!.]*") if path.is_file())
        names = {path: str(path.relative_to(self.folder)) for path in paths}
        return {
            name: path.read_bytes()
            for path, name in names.items()
            if not name.startswith("results/data/") or not name.endswith(".safetensors")
        }


@pytest.fixture(scope="session")
def checkout(
    tmp_path_factory: pytest.TempPathFactory, mnist_file: Path
) -> Callable[[str], Project]:
    """Return a function that makes a copy of the checkout as it is, in a new folder."""

    def make(name: str) -> Project:
        project = Project(tmp_path_factory.mktemp(name))
        for source in SOURCES:
            path = ROOT / source
            if path.is_dir():  # with its bytecode: half of the time of a call is compiling
                shutil.copytree(path, project.path(source))
            else:
                shutil.copy(path, project.path(source))
        link_data(project, "mnist", mnist_file)
        return project

    return make


def link_data(project: Project, dataset: str, file: Path) -> None:
    """Put an already prepared data set into a project, as if it had been made there."""
    data = project.path(f"results/data/{dataset}.safetensors")
    data.parent.mkdir(parents=True, exist_ok=True)
    data.symlink_to(file.resolve())
    job = {"dataset": dataset, "reads": {}}
    content = manifest.build(
        *("dataset", job, code_of("dataset", job), {}, {data.name: sha256_file(data)}),
        digest=sets.of(dataset).digest,
    )
    path = project.path(f"results/data/{dataset}.manifest.json")
    digest = manifest.write(path, content)
    context.write(path, digest, {"source": "this test"}, {"commit": None, "why": "a test"})


@pytest.fixture(scope="session")
def linked() -> Callable[[Project, str, Path], None]:
    """The function `link_data`, for tests that need a second data set."""
    return link_data


@pytest.fixture(scope="session")
def unbuilt(checkout: Callable[[str], Project]) -> Project:
    """A project of tiny experiments of which nothing has been run. Not to be changed."""
    project = checkout("unbuilt")
    for path in project.path("config/experiments").iterdir():
        path.unlink()
    project.write("config/architectures/net.yaml", ARCHITECTURE)
    project.write("config/experiments/net.yaml", EXPERIMENTS)
    for path in project.path("config/figures").iterdir():
        path.unlink()
    for path in project.path("config/peers/claims").iterdir():
        path.unlink()
    claims = project.path("config/peers/claims.csv").read_text()
    project.write("config/peers/claims.csv", claims.splitlines()[0] + "\n")
    project.add_figure("fig91", "net_imp", "net_reinit")
    project.add_figure("fig92", "net_rate_same", "net_rate_other")
    project.write("config/scales/tiny.yaml", "evaluate_every: 50\n")
    project.edit("config/config.yaml", "scale: quick", "scale: tiny")
    return project


@pytest.fixture(scope="session")
def built(unbuilt: Project, once: Callable[[str, Callable[[Path], object]], Path]) -> Project:
    """The same project with both figures built. Not to be changed."""
    return Project(once("built", lambda folder: unbuilt.copy_to(folder).run("fig91", "fig92")))


@pytest.fixture
def fresh(unbuilt: Project, tmp_path: Path) -> Project:
    """A copy of the project of which nothing has been run."""
    return unbuilt.copy_to(tmp_path)


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """A copy of the project with both figures built."""
    return built.copy_to(tmp_path)
