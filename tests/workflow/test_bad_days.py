"""Kills, full disks, damaged files and diverging runs: the next plain call goes on, and what
it leaves is what an undisturbed one leaves."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pandas as pd
import psutil  # type: ignore[import-untyped]
import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

RUN = "results/tiny/runs/net_imp/round_00/trial_0"
MANIFEST = f"{RUN}/manifest.json"
PARENT = "results/tiny/runs/net_imp/round_01/trial_0"
CHILD = "results/tiny/runs/net_imp/round_02/trial_0"
LOG = "logs/tiny/runs/net_imp/round_00/trial_0.log"
RESUME = f"{RUN}/resume.safetensors"


@pytest.fixture(scope="module")
def undisturbed(unbuilt: "Project", tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of one longer run."""
    project = unbuilt.copy_to(tmp_path_factory.mktemp("undisturbed"))
    _lengthen(project)
    project.run(MANIFEST)
    return project.files(RUN)


def _lengthen(project: "Project") -> None:
    project.edit("config/experiments/net.yaml", "iterations: 100}", "iterations: 5000}")


def _until(condition: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    while not condition():
        assert process.poll() is None, "it should be training"
        time.sleep(0.02)


def _start_training(project: "Project") -> "subprocess.Popen[str]":
    """Start a longer run and wait until it has saved its state, which it does all the time."""
    _lengthen(project)
    process = project.start(MANIFEST, LTH_SAVE_SECONDS="0")
    _until(project.path(RESUME).exists, process)
    return process


def _training_jobs(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has ended since, or is a zombie
            if child.cmdline()[1:3] == ["-m", "lth_core.jobs"]:
                found.append(child)
    return found


def test_a_killed_training_job_is_resumed(fresh: "Project", undisturbed: dict[str, bytes]) -> None:
    process = _start_training(fresh)
    _training_jobs(process)[0].kill()
    process.communicate()
    assert process.returncode != 0 and not fresh.path(MANIFEST).exists()
    _goes_on(fresh, undisturbed)


def test_interrupted_by_hand_a_job_saves_itself(
    fresh: "Project", undisturbed: dict[str, bytes]
) -> None:
    process = _start_training(fresh)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate()
    log = fresh.path(LOG).read_text()
    assert process.returncode != 0 and "error: asked to stop; saved after" in log
    assert "Traceback" not in output + log
    _goes_on(fresh, undisturbed)


def test_a_killed_snakemake_leaves_no_lock(fresh: "Project", undisturbed: dict[str, bytes]) -> None:
    process = _start_training(fresh)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert list(fresh.path(".snakemake/locks").iterdir())
    assert "its lock has been removed" in _goes_on(fresh, undisturbed)


def test_a_job_that_was_stopped_does_not_go_on_by_other_code(fresh: "Project") -> None:
    """Its manifest would say that the new code had made all of it."""
    process = _start_training(fresh)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert fresh.path(RESUME).exists()
    fresh.append("lth_core/training/loop.py", "MORE = 1\n")
    fresh.run(MANIFEST)
    assert "resuming after iteration" not in fresh.path(LOG).read_text()


@pytest.mark.slow
@pytest.mark.long
def test_a_job_that_outlives_its_snakemake_does_no_harm(
    fresh: "Project", undisturbed: dict[str, bytes]
) -> None:
    killed = _start_training(fresh)
    [survivor] = _training_jobs(killed)
    survivor.suspend()
    killed.kill()
    process = fresh.start(MANIFEST)
    _until(lambda: _training_jobs(process), process)
    survivor.resume()
    output, _ = process.communicate()
    assert process.returncode == 0, output
    killed.communicate()  # Ends when the survivor does.
    assert fresh.files(RUN) == undisturbed
    assert fresh.stale(MANIFEST) == set()


def _goes_on(project: "Project", undisturbed: dict[str, bytes]) -> str:
    """Check that the next plain call resumes and leaves the same bytes; return its output."""
    output = project.run(MANIFEST)
    assert "resuming after iteration" in project.path(LOG).read_text()
    assert project.files(RUN) == undisturbed
    assert not project.path(RESUME).exists()
    return output


@pytest.mark.slow
@pytest.mark.long
def test_a_second_snakemake_is_refused_while_one_works(
    fresh: "Project", undisturbed: dict[str, bytes]
) -> None:
    process = _start_training(fresh)
    [job] = _training_jobs(process)
    job.suspend()
    refusal = f"Another snakemake is working on these results (process {process.pid} on "
    assert refusal in fresh.run(MANIFEST, fails=True)
    assert "Training net_imp" in fresh.run("-n", "--", MANIFEST)
    fresh.run("--summary", "--", MANIFEST)
    job.resume()
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert fresh.files(RUN) == undisturbed


@pytest.fixture
def small_disk(fresh: "Project") -> Iterator["Project"]:
    """A project whose results lie on a disk of 1 MB."""
    results, aside = fresh.path("results"), fresh.path("aside")
    results.rename(aside)
    results.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(results)]
    mounted = shutil.which("mount") and subprocess.run(mount, capture_output=True, check=False)
    if not mounted or mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        shutil.copytree(aside, results, symlinks=True, dirs_exist_ok=True)
        yield fresh
    finally:
        subprocess.run(["umount", str(results)], check=True)


@pytest.mark.slow
def test_a_full_disk_is_said_and_survived(small_disk: "Project") -> None:
    ballast = small_disk.path("results/ballast")
    free = shutil.disk_usage(ballast.parent).free
    ballast.write_bytes(bytes(free - 24_000))
    output = small_disk.run(MANIFEST, fails=True)
    errors = [line for line in output.splitlines() if "No space left on device" in line]
    assert errors[0].startswith(f"error: {RUN}/weights.safetensors could not be written")
    assert "MissingOutputException" not in output  # The job itself fails, not just its files.
    assert small_disk.files("results/tiny") == {}
    ballast.unlink()
    small_disk.run(MANIFEST)
    assert small_disk.path(MANIFEST).exists()


@pytest.mark.slow
def test_a_damaged_checkpoint_is_set_aside_and_trained_again(project: "Project") -> None:
    whole = project.files()
    weights = project.path(f"{PARENT}/weights.safetensors")
    dates = weights.stat()
    os.truncate(weights, dates.st_size // 2)
    os.utime(weights, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    shutil.rmtree(project.path(CHILD))
    output = project.run(f"{CHILD}/manifest.json", fails=True)
    assert "weights.safetensors is not what its manifest says" in output
    assert f"It has been set aside as {PARENT}.broken" in output
    project.run(f"{CHILD}/manifest.json")
    shutil.rmtree(project.path(f"{PARENT}.broken"))
    assert project.files() == whole


@pytest.mark.slow
def test_a_lost_checkpoint_is_trained_again(project: "Project") -> None:
    whole = project.files()
    project.path(f"{PARENT}/weights.safetensors").unlink()
    shutil.rmtree(project.path(CHILD))
    project.run(f"{CHILD}/manifest.json")
    assert project.files() == whole


@pytest.mark.parametrize("suffix", [".png", ".csv", ".runs.parquet"])
def test_a_lost_file_of_a_figure_is_drawn_again(project: "Project", suffix: str) -> None:
    lost = project.path(f"results/tiny/figures/fig91{suffix}")
    content = lost.read_bytes()
    lost.unlink()
    assert project.stale("fig92") == set()
    project.run("fig91")
    assert lost.read_bytes() == content


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("fig091", "no figure or rule is called 'fig091'; did you mean 'fig91'?"),
        ("galery", "no figure or rule is called 'galery'; did you mean 'gallery'?"),
        (
            "results/tiny/tables/net_im/summary.parquet",
            "no experiment is called 'net_im'; did you mean 'net_imp'",
        ),
        (
            "results/paper/tables/net_imp/summary.parquet",
            "this call is at scale tiny; for another, add `--config scale=paper`",
        ),
        ("results/paper/figures/fig91.png", "add `--config scale=paper`"),
        ("net_imp", "net_imp is an experiment; to train it, ask for its table: results/tiny"),
        ("fig92_partial", "no part of fig92: none is there at scale tiny"),
    ],
)
def test_a_mistaken_target_is_named(unbuilt: "Project", target: str, said: str) -> None:
    output = unbuilt.run("-n", "--", target, fails=True)
    assert said in output and "InputFunctionException" not in output
    assert "targets.py" not in output, "a sentence, not a traceback"


def test_a_diverged_run_is_said_and_drawn(project: "Project") -> None:
    project.append(
        "config/experiments/net.yaml",
        "net_wild: {description: Wild., extends: net_imp, rounds: 1, trials: 1, training:"
        " {optimizer: sgd, learning_rate: 1.0e+6}}\n",
    )
    project.add_figure("fig93", "net_imp", "net_wild")
    project.run("fig93")
    for number in range(2):
        run = project.path(f"results/tiny/runs/net_wild/round_{number:02d}/trial_0")
        assert json.loads((run / "manifest.json").read_bytes())["diverged"] == [[0, 0]]
    summary = pd.read_parquet(project.path("results/tiny/tables/net_wild/summary.parquet"))
    assert summary["diverged"].tolist() == [True, True]
    csv = pd.read_csv(project.path("results/tiny/figures/fig93.csv"))
    assert csv.groupby("series")["n_diverged"].sum().to_dict() == {"net_imp": 0, "net_wild": 2}
    assert "diverged" in project.path("results/tiny/figures/fig93.svg").read_text()
