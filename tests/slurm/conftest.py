"""One real SLURM for all tests of this folder, and small projects that run on it."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.slurm.cluster import Cluster
    from tests.workflow.conftest import Project

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def _module(name: str, path: Path) -> ModuleType:
    spec = spec_from_file_location(name, path)
    assert spec and spec.loader
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The tiny experiments and figures of the workflow's tests.
_workflow = _module("lth_workflow_fixtures", HERE.parent / "workflow" / "conftest.py")
_cluster = _module("lth_slurm_cluster", HERE / "cluster.py")
checkout, unbuilt = _workflow.checkout, _workflow.unbuilt
# The plugin looks less and less often while no job ends, up to three minutes apart.
LOOK_OFTEN = """
from snakemake_executor_plugin_slurm import Executor

Executor.next_seconds_between_status_checks = property(lambda self: 2, lambda self, value: None)
"""


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Cluster"]:
    """A running cluster."""
    if reason := _cluster.missing():
        pytest.skip(reason)
    cluster: Cluster = _cluster.Cluster(tmp_path_factory.mktemp("slurm"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(autouse=True)
def _no_job_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """End what a failed test has left in the queue, so that others have the node."""
    yield
    if "cluster" in request.fixturenames:
        request.getfixturevalue("cluster").clear()


@pytest.fixture
def fresh(unbuilt: "Project", tmp_path: Path) -> "Project":
    """A copy of the tiny project, with the cluster profile; nothing has been run."""
    project = unbuilt.copy_to(tmp_path / "project")
    shutil.copytree(ROOT / "slurm", project.path("slurm"))
    project.append("Snakefile", LOOK_OFTEN)
    return project


@pytest.fixture
def submit(
    cluster: "Cluster", fresh: "Project"
) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """A function that starts the documented command on the cluster.

    It only asks for the state of its jobs more often, and asks squeue, since this cluster
    keeps no accounts.
    """
    started: list[subprocess.Popen[str]] = []

    def start(*targets: str, **environment: str) -> "subprocess.Popen[str]":
        process = fresh.start(
            *("--cores", "8", "--profile", "slurm"),
            *("--slurm-init-seconds-before-status-checks", "2", "--slurm-status-command", "squeue"),
            "--",
            *targets,
            **cluster.environment,
            **environment,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
