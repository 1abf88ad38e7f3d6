"""A campaign is of one code and one config: an edit in the middle stops it, and harms nothing."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.slurm.cluster import Cluster
    from tests.workflow.conftest import Project

pytestmark = pytest.mark.slow

EXPERIMENTS = "config/experiments/net.yaml"
RUNS = "results/tiny/runs/net_imp"
ROUNDS = range(4)
TARGET = f"{RUNS}/round_03/trial_0/manifest.json"
# Seconds a round, of which the sparse engine's are parts of one submission.
ITERATIONS = {"sparse": 20_000, "torch": 100}
SOURCE = "lth_core/arms/weights/original.py"
# File, old and new text of two edits, and what is said of them.
CODE = (SOURCE, '"""Return theta_0."""\n', '"""Return theta_0."""\n    assert inputs\n')
RATE = (EXPERIMENTS, "learning_rate: 0.0012", "learning_rate: 0.0013")
SAID = {
    CODE: f"  {SOURCE}\n",
    RATE: "  net_imp: training.learning_rate 0.0012, now 0.0013\n",
}
STOPPED = "The code or the config has changed since this campaign was planned:\n"
Submit = Callable[..., "subprocess.Popen[str]"]


def prepare(project: "Project", engine: str) -> None:
    """Make the campaign four rounds of one trial, with an engine."""
    project.edit(EXPERIMENTS, "rounds: 2\n  trials: 2", "rounds: 3\n  trials: 1")
    project.edit(EXPERIMENTS, "iterations: 100}", f"iterations: {ITERATIONS[engine]}}}")
    project.edit("config/config.yaml", "engine: sparse", f"engine: {engine}")


@pytest.fixture(autouse=True)
def _one_retry(fresh: "Project") -> None:
    """Try once more what was stopped, and not three times."""
    fresh.edit("slurm/profile.yaml", "retries: 3", "retries: 1")


@pytest.fixture(scope="module")
def undisturbed(
    unbuilt: "Project", tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, bytes]]:
    """A function that returns what the campaign leaves when nothing happens, without SLURM."""
    results: dict[str, dict[str, bytes]] = {}

    def files(engine: str) -> dict[str, bytes]:
        if engine not in results:
            project = unbuilt.copy_to(tmp_path_factory.mktemp(engine))
            prepare(project, engine)
            project.run(TARGET)
            results[engine] = project.files(RUNS)
        return results[engine]

    return files


@contextmanager
def changed(project: "Project", *changes: tuple[str, str, str]) -> Iterator[None]:
    """Change files, and undo it."""
    for file, old, new in changes:
        project.edit(file, old, new)
    yield
    for file, old, new in changes:
        project.edit(file, new, old)


def wait_for_round(cluster: "Cluster", project: "Project", number: int) -> None:
    manifest = project.path(f"{RUNS}/round_{number:02d}/trial_0/manifest.json")
    cluster.wait_for(f"round {number}", manifest.exists)


def end(process: "subprocess.Popen[str]", fails: bool = False) -> str:
    """Wait for the end of a call, and return what it printed."""
    output, _ = process.communicate(timeout=900)
    assert (process.returncode != 0) == fails, output
    return output


def inodes(project: "Project", rounds: range) -> dict[str, int]:
    """Return the files of some rounds; to train them again replaces them, dates are touched."""
    folders = [project.path(f"{RUNS}/round_{number:02d}/trial_0") for number in rounds]
    return {str(path): path.stat().st_ino for one in folders for path in one.iterdir()}


@pytest.mark.long
def test_an_edit_stops_the_campaign_and_what_is_finished_is_kept(
    cluster: "Cluster",
    fresh: "Project",
    submit: Submit,
    undisturbed: Callable[[str], dict[str, bytes]],
) -> None:
    """Each round is a submission, whose Snakemake reads config and code anew."""
    prepare(fresh, "torch")
    process = submit(TARGET)
    wait_for_round(cluster, fresh, 1)
    with changed(fresh, CODE, RATE):
        before = inodes(fresh, ROUNDS[:2])
        output = end(process, fails=True)
    assert STOPPED + SAID[RATE] + SAID[CODE] in output, output
    assert "Nothing was run; what is finished is kept." in output
    assert inodes(fresh, ROUNDS[:2]) == before
    assert not fresh.path(TARGET).exists()
    finished = [path for path in undisturbed("torch") if "round_00" in path or "round_01" in path]
    assert finished and all(undisturbed("torch")[p] == fresh.files(RUNS)[p] for p in finished)
    # Undone, the campaign goes on.
    end(submit(TARGET))
    assert inodes(fresh, ROUNDS[:2]) == before
    assert fresh.files(RUNS) == undisturbed("torch"), output


@pytest.mark.long
def test_an_edit_stops_rounds_that_share_a_submission(
    cluster: "Cluster",
    fresh: "Project",
    submit: Submit,
    undisturbed: Callable[[str], dict[str, bytes]],
) -> None:
    prepare(fresh, "sparse")
    process = submit(TARGET)
    wait_for_round(cluster, fresh, 1)
    with changed(fresh, CODE):
        before = inodes(fresh, ROUNDS[:2])
        output = end(process, fails=True)
    assert STOPPED + SAID[CODE] in output, output
    assert inodes(fresh, ROUNDS[:2]) == before
    assert not fresh.path(TARGET).exists()
    end(submit(TARGET))
    assert inodes(fresh, ROUNDS[:2]) == before
    assert fresh.files(RUNS) == undisturbed("sparse")


@pytest.mark.long
def test_what_a_campaign_does_not_use_may_change(
    cluster: "Cluster",
    fresh: "Project",
    submit: Submit,
    undisturbed: Callable[[str], dict[str, bytes]],
) -> None:
    prepare(fresh, "torch")
    process = submit(TARGET)
    wait_for_round(cluster, fresh, 0)
    source = fresh.path(SOURCE).read_text().replace('"original"', '"another"')
    fresh.write("lth_core/arms/weights/another.py", source)
    fresh.edit(EXPERIMENTS, "learning_rate: 0.002", "learning_rate: 0.003")
    output = end(process)
    assert output.count("has been submitted with SLURM jobid") == len(ROUNDS), output
    assert fresh.files(RUNS) == undisturbed("torch")
