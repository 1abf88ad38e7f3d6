"""One GPU for one command, on a machine where several jobs run at once.

`python -m lth_core.devices.lease -- COMMAND` waits for a GPU that no other lease holds, and
becomes COMMAND, to which only that GPU is visible. Where there is no GPU it just becomes COMMAND.
Schedulers count GPUs; on a machine of one's own nobody says which is whose.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"
# How CUDA_VISIBLE_DEVICES says that there are none.
_NONE = ("", "-1", "NoDevFiles")
_SECONDS_BETWEEN_TRIES = 0.5


def visible(setting: str | None, installed: Sequence[str]) -> dict[str, str]:
    """Return the GPUs that may be used: how CUDA_VISIBLE_DEVICES names each, and its identity.

    setting: CUDA_VISIBLE_DEVICES, None where it is not set. installed: UUIDs by index. The
    identity is the UUID, since jobs of a cluster may all see their own GPU as number 0; it is
    the name itself where the UUID is unknown.
    """
    if setting is None:
        return {str(index): uuid for index, uuid in enumerate(installed)}
    names = [name.strip() for name in setting.split(",")]
    return {name: _identity(name, installed) for name in names if name not in _NONE}


def _identity(name: str, installed: Sequence[str]) -> str:
    if name.isdecimal() and int(name) < len(installed):
        return installed[int(name)]
    # CUDA also takes the beginning of a UUID.
    return next((uuid for uuid in installed if uuid.startswith(name)), name)


def acquire(identities: Sequence[str], folder: Path) -> int | None:
    """Return the index of a device that was free and is now held, or None where all are busy.

    The lock is on a file of `folder` that stays open, also in what this process becomes, and
    that the kernel frees when it ends, whatever ends it.
    """
    folder.mkdir(exist_ok=True)
    with suppress(PermissionError):
        folder.chmod(0o777)  # Other users lock the same devices.
    for index, identity in enumerate(identities):
        file = os.open(folder / identity.replace(os.sep, "_"), os.O_RDONLY | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            continue
        os.set_inheritable(file, True)
        return index
    return None


def leased(
    environment: Mapping[str, str], installed: Sequence[str], folder: Path
) -> dict[str, str]:
    """Return the environment for the command, after waiting for a device if there are any."""
    devices = visible(environment.get(VISIBLE), installed)
    if not devices:
        return dict(environment)
    names, said = list(devices), False
    while (held := acquire(list(devices.values()), folder)) is None:
        if not said:
            print(f"waiting for a free GPU: {', '.join(names)}", file=sys.stderr, flush=True)
            said = True
        time.sleep(_SECONDS_BETWEEN_TRIES)
    # Numbers mean what nvidia-smi means by them only in this order.
    return {**environment, "CUDA_DEVICE_ORDER": "PCI_BUS_ID", VISIBLE: names[held]}


def installed_devices() -> list[str]:
    """Return the UUIDs of the GPUs that this process can reach, by index; none without a driver."""
    command = ["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"]
    if shutil.which(command[0]) is None:
        return []
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    return listed.stdout.split() if listed.returncode == 0 else []


def main() -> None:
    """Become the command after `--`, which gets a device of its own."""
    if len(sys.argv) < 3 or sys.argv[1] != "--":
        sys.exit(f"usage: {Path(sys.executable).name} -m lth_core.devices.lease -- COMMAND ...")
    command = sys.argv[2:]
    folder = Path(tempfile.gettempdir(), "lth-devices")
    environment = leased(os.environ, installed_devices(), folder)
    try:
        os.execvpe(command[0], command, environment)
    except FileNotFoundError:
        sys.exit(f"error: there is no command {command[0]!r}")


if __name__ == "__main__":
    main()
