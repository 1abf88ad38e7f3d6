"""One working call of snakemake a folder, and a call that was killed stops no later one.

Snakemake's own lock is files, which outlive a process that is killed; this one is held by the
kernel, which frees it whatever ends the process. Who holds it knows that lock files of
Snakemake that lie around are a dead process's.

Jobs don't inherit it: one that outlives its snakemake may finish beside its own repetition,
but both write the same bytes, and each file whole or not at all.
"""

import fcntl
import os
import socket
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TextIO, TypeVar

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

P = ParamSpec("P")
R = TypeVar("R")


def one_at_a_time(execute: Callable[P, R]) -> Callable[P, R]:
    """Return `execute`, which runs a workflow, such that it holds this folder's lock meanwhile.

    Summaries, reports and dry-runs don't execute: they are allowed while another call works.
    """

    @wraps(execute)
    def alone(*arguments: P.args, **options: P.kwargs) -> R:
        with lock(Path(".snakemake")):
            return execute(*arguments, **options)

    return alone


def lock(folder: Path) -> TextIO:
    """Return the file that holds the lock while it is open.

    Removes what a killed call left of Snakemake's own lock below `folder`. Raises
    WorkflowError, naming the process, where another one holds the lock.
    """
    folder.mkdir(exist_ok=True)
    file = (folder / "lth.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read() or "just starting"
        file.close()
        raise WorkflowError(
            f"Another snakemake is working in this folder ({holder}); wait for it or stop it."
        ) from None
    except OSError:
        return file  # A file system without such locks: Snakemake's own have to do.
    file.truncate(0)
    file.write(f"process {os.getpid()} on {socket.gethostname()}")
    file.flush()
    stale = list(folder.glob("locks/*.lock"))
    for path in stale:
        path.unlink()
    if stale:
        logger.info("An earlier call was killed; its lock has been removed.")
    return file
