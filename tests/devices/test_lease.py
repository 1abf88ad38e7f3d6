"""Jobs that run at once get devices of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lth_core.devices.lease import visible

UUIDS = ["GPU-aaaa", "GPU-bbbb"]
# Says which device it has and holds it until its input ends.
HOLDER = (
    "import os, sys; print(os.environ.get('CUDA_VISIBLE_DEVICES'), flush=True); sys.stdin.read()"
)

Holder = subprocess.Popen[str]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (None, {"0": "GPU-aaaa", "1": "GPU-bbbb"}),
        ("1", {"1": "GPU-bbbb"}),
        ("1,0", {"1": "GPU-bbbb", "0": "GPU-aaaa"}),
        ("GPU-bb", {"GPU-bb": "GPU-bbbb"}),
        ("MIG-7", {"MIG-7": "MIG-7"}),
        ("", {}),
        ("-1", {}),
        ("NoDevFiles", {}),
    ],
)
def test_devices_that_may_be_used(setting: str | None, expected: dict[str, str]) -> None:
    assert visible(setting, UUIDS) == expected


def test_numbers_stand_for_themselves_where_no_driver_is_asked() -> None:
    assert visible("0,1", []) == {"0": "0", "1": "1"}
    assert visible(None, []) == {}


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Callable[[str | None], Holder]]:
    """A function that starts a command under a lease, on a machine with two fake GPUs."""
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.parent.mkdir()
    smi.write_text(f"#!/bin/sh\nprintf '%s\\n' {' '.join(UUIDS)}\n")
    smi.chmod(0o755)
    started: list[Holder] = []

    def start(setting: str | None) -> Holder:
        environment = {k: v for k, v in os.environ.items() if k != "CUDA_VISIBLE_DEVICES"}
        environment |= {"PATH": f"{smi.parent}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
        if setting is not None:
            environment["CUDA_VISIBLE_DEVICES"] = setting
        command = [sys.executable, "-m", "lth_core.devices.lease", "--"]
        holder = subprocess.Popen(
            [*command, sys.executable, "-c", HOLDER],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(holder)
        return holder

    yield start
    for holder in started:
        with holder:
            holder.kill()


def device(holder: Holder) -> str:
    assert holder.stdout is not None
    return holder.stdout.readline().strip()


def waits(holder: Holder) -> bool:
    assert holder.stderr is not None
    return holder.stderr.readline().startswith("waiting for a free GPU: ")


def test_two_jobs_get_two_devices_and_the_third_waits(
    hold: Callable[[str | None], Holder],
) -> None:
    holders = [hold(None), hold(None)]
    assert {device(holder) for holder in holders} == {"0", "1"}
    third = hold(None)
    assert waits(third) and third.poll() is None
    assert holders[0].stdin is not None
    holders[0].stdin.close()
    assert device(third) in {"0", "1"}


def test_a_killed_job_frees_its_device(hold: Callable[[str | None], Holder]) -> None:
    first = hold("1")
    assert device(first) == "1"
    second = hold("1")
    assert waits(second)
    first.send_signal(signal.SIGKILL)
    assert device(second) == "1"


def test_a_device_is_one_device_under_any_of_its_names(
    hold: Callable[[str | None], Holder],
) -> None:
    assert device(hold("GPU-aaaa")) == "GPU-aaaa"
    assert device(hold("0,1")) == "1"
    assert waits(hold("0"))


def test_without_a_device_the_command_just_runs(hold: Callable[[str | None], Holder]) -> None:
    assert [device(hold("")), device(hold(""))] == ["", ""]


def test_signals_and_exit_status_are_the_commands(hold: Callable[[str | None], Holder]) -> None:
    holder = hold("0")
    device(holder)
    holder.terminate()
    assert holder.wait() == -signal.SIGTERM


def test_a_wrong_command_line_is_refused() -> None:
    module = [sys.executable, "-m", "lth_core.devices.lease"]
    for arguments in ([], ["--"], ["true"]):
        done = subprocess.run([*module, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and done.stderr.startswith("usage: "), done.stderr
    done = subprocess.run([*module, "--", "no-such"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr == "error: there is no command 'no-such'\n"
