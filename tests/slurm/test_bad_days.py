"""What befalls jobs on a cluster: each ends with the bits of an undisturbed run on one machine."""

import json
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from safetensors import safe_open

if TYPE_CHECKING:
    from tests.slurm.cluster import Cluster
    from tests.workflow.conftest import Project

pytestmark = pytest.mark.slow

RUN = "results/tiny/runs/net_imp/round_00/trial_0"
MANIFEST = f"{RUN}/manifest.json"
LOG = "logs/tiny/runs/net_imp/round_00/trial_0.log"
RESUME = f"{RUN}/resume.safetensors"
ITERATIONS = {"sparse": 60_000, "torch": 6_000}


@pytest.fixture(scope="module")
def undisturbed(
    unbuilt: "Project", tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, bytes]]:
    """A function that returns what the run leaves when nothing happens, without SLURM."""
    results: dict[str, dict[str, bytes]] = {}

    def files(engine: str) -> dict[str, bytes]:
        if engine not in results:
            folder = tmp_path_factory.mktemp(engine)
            subprocess.run(["cp", "-a", f"{unbuilt.folder}/.", str(folder)], check=True)
            project = type(unbuilt)(folder)
            lengthen(project, engine)
            project.run(MANIFEST)
            results[engine] = project.files(RUN)
        return results[engine]

    return files


def lengthen(project: "Project", engine: str) -> None:
    """Make the run take seconds, with an engine."""
    iterations = f"iterations: {ITERATIONS[engine]}, evaluate_every: 500}}"
    project.edit("config/experiments/net.yaml", "iterations: 100}", iterations)
    project.edit("config/config.yaml", "engine: sparse", f"engine: {engine}")


class Training:
    """A run on the cluster that has saved its state at least once."""

    def __init__(
        self,
        cluster: "Cluster",
        project: "Project",
        submit: Callable[..., "subprocess.Popen[str]"],
        engine: str = "sparse",
    ) -> None:
        self.cluster, self.project = cluster, project
        lengthen(project, engine)
        self.process = submit(MANIFEST, LTH_SAVE_SECONDS="1")
        cluster.wait_for("training to be under way", project.path(RESUME).exists)
        [self.job] = cluster.jobs("RUNNING")

    def said(self, words: str) -> bool:
        """Return whether the job's log, which a new attempt removes, has these words."""
        log = self.project.path(LOG)
        return log.exists() and words in log.read_text()

    def saved(self) -> int:
        """Return the iteration after which the state was last saved."""
        with safe_open(self.project.path(RESUME), framework="numpy") as file:
            step: int = json.loads(file.metadata()["resume"])["step"]
            return step

    def ends_as(self, undisturbed: dict[str, bytes], attempts: int) -> None:
        """Check that the call succeeds, in so many submissions, with the same bits."""
        output, _ = self.process.communicate(timeout=900)
        assert self.process.returncode == 0, output + self.cluster.logs()
        assert output.count("has been submitted with SLURM jobid") == attempts, output
        assert self.project.files(RUN) == undisturbed
        assert not self.project.path(RESUME).exists()

    def resumes(self) -> None:
        """Wait until a later attempt goes on from the saved state."""
        self.cluster.wait_for("the run to be resumed", lambda: self.said("resuming after"))

    def is_queued(self) -> bool:
        """Return whether the same submission waits for the node again."""
        return self.job in self.cluster.jobs("PENDING")


@pytest.fixture
def training(
    cluster: "Cluster", fresh: "Project", submit: Callable[..., "subprocess.Popen[str]"]
) -> Training:
    return Training(cluster, fresh, submit)


def test_a_cancelled_job_is_submitted_again(
    training: Training, undisturbed: Callable[[str], dict[str, bytes]]
) -> None:
    training.cluster.run("scancel", training.job)
    training.resumes()
    training.ends_as(undisturbed("sparse"), attempts=2)


@pytest.mark.parametrize("engine", ["sparse", pytest.param("torch", marks=pytest.mark.long)])
def test_a_signal_ahead_of_the_time_limit_saves_the_run(
    cluster: "Cluster",
    fresh: "Project",
    submit: Callable[..., "subprocess.Popen[str]"],
    undisturbed: Callable[[str], dict[str, bytes]],
    engine: str,
) -> None:
    training = Training(cluster, fresh, submit, engine)
    asked = cluster.run("scontrol", "show", "job", training.job)
    assert ("TresPerJob=gres:gpu:1" in asked) == (engine == "torch")
    before = training.saved()
    # What `--signal=TERM@...` makes SLURM do: to the steps of the job, not to its batch shell.
    cluster.run("scancel", "--signal=TERM", training.job)
    cluster.wait_for("the run to stop", lambda: training.said("asked to stop"))
    assert training.said(f"saved after iteration {training.saved()}")
    assert training.saved() >= before
    training.resumes()
    training.ends_as(undisturbed(engine), attempts=2)


@pytest.mark.long
def test_a_job_is_requeued_when_preempted_and_when_its_node_fails(
    training: Training, undisturbed: Callable[[str], dict[str, bytes]]
) -> None:
    cluster = training.cluster
    urgent = ("sbatch", "--partition=urgent", "--exclusive", "--wrap=sleep 1")
    cluster.run(*urgent, "--output=/dev/null")
    cluster.wait_for("preemption", training.is_queued)
    training.resumes()

    training.project.path(LOG).unlink()
    cluster.set_node("down")
    cluster.wait_for("requeueing when the node fails", training.is_queued)
    cluster.set_node("resume")
    training.resumes()
    training.ends_as(undisturbed("sparse"), attempts=1)


@pytest.mark.long
def test_a_job_outlives_its_controller(
    training: Training, undisturbed: Callable[[str], dict[str, bytes]]
) -> None:
    training.cluster.stop_controller()
    with pytest.raises(AssertionError):
        training.cluster.run("squeue")
    training.cluster.start_controller()
    training.ends_as(undisturbed("sparse"), attempts=1)


@pytest.mark.long
def test_a_drained_node_takes_no_job_until_it_is_resumed(
    cluster: "Cluster",
    fresh: "Project",
    submit: Callable[..., "subprocess.Popen[str]"],
    undisturbed: Callable[[str], dict[str, bytes]],
) -> None:
    cluster.set_node("drain")
    lengthen(fresh, "sparse")
    process = submit(MANIFEST)
    cluster.wait_for("the job to be queued", lambda: cluster.jobs("PENDING"))
    assert not cluster.jobs("RUNNING")
    cluster.set_node("resume")
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    assert fresh.files(RUN) == undisturbed("sparse")


@pytest.mark.long
def test_a_job_that_exceeds_its_memory_gets_more(
    cluster: "Cluster",
    fresh: "Project",
    submit: Callable[..., "subprocess.Popen[str]"],
    undisturbed: Callable[[str], dict[str, bytes]],
) -> None:
    lengthen(fresh, "sparse")
    # Snakemake alone takes more than the 50 MB of the first attempt.
    fresh.edit(
        "slurm/profile.yaml", "train: {mem_mb: 2000 * attempt", "train: {mem_mb: 50 ** attempt"
    )
    process = submit(MANIFEST)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    assert output.count("has been submitted with SLURM jobid") == 2, output
    logs = [path.read_text() for path in fresh.path("logs/slurm").rglob("*.log")]
    assert any("exceeded memory limit" in log for log in logs), logs
    assert fresh.files(RUN) == undisturbed("sparse")
