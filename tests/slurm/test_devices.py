"""The device lease on a cluster that hands out GPUs, which here are other devices by that name."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.slurm.cluster import Cluster

pytestmark = pytest.mark.slow

# Writes down its device, and holds it until others had the time to do so.
HOLD = (
    f"{sys.executable} -m lth_core.devices.lease --"
    " sh -c 'echo $CUDA_VISIBLE_DEVICES >> devices; sleep 3'"
)


def held(cluster: "Cluster", folder: Path, script: str, *options: str, jobs: int = 1) -> list[str]:
    """Return the devices that commands got, after running a script in so many jobs at once."""
    devices = folder / "devices"
    for _ in range(jobs):
        wrap = f"--wrap=export TMPDIR={folder}; {script}"
        cluster.run("sbatch", f"--chdir={folder}", "--output=log", *options, wrap)
    cluster.wait_for("two devices", lambda: devices.exists() and len(devices.read_text()) >= 4)
    return sorted(devices.read_text().split())


def test_two_jobs_get_two_devices(cluster: "Cluster", tmp_path: Path) -> None:
    assert held(cluster, tmp_path, HOLD, "--gpus=1", jobs=2) == ["0", "1"]


def test_two_commands_of_a_job_with_two_devices_get_one_each(
    cluster: "Cluster", tmp_path: Path
) -> None:
    assert held(cluster, tmp_path, f"({HOLD}) & {HOLD}; wait", "--gpus=2") == ["0", "1"]


def test_a_job_without_a_device_just_runs(cluster: "Cluster", tmp_path: Path) -> None:
    cluster.run("sbatch", f"--chdir={tmp_path}", "--output=log", f"--wrap={HOLD}")
    cluster.wait_for("the job", (tmp_path / "devices").exists)
    assert (tmp_path / "devices").read_text().strip() in ("", "NoDevFiles")
