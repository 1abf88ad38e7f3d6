"""Allows one working snakemake call for each results/; a killed call blocks no later one.

Snakemake's own lock is files in the checkout. They outlive a process that is killed, and don't
know of another checkout that shares results/. This one lies in results/ and is held by the kernel,
which frees it whatever ends the process. Its holder may remove Snakemake's own lock files: their
process is dead.

Jobs don't inherit it: one that outlives its snakemake may finish beside its own repetition,
but both write the same bytes, and each file whole or not at all.
"""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from snakemake.logging import logger
from snakemake_interface_common.exceptions import ApiError

P = ParamSpec("P")
R = TypeVar("R")

_SNAKEMAKE, _RESULTS, _LOGS = Path(".snakemake"), Path("results"), Path("logs")
_NAME = ".lock"


def one_at_a_time(execute: Callable[P, R]) -> Callable[P, R]:
    """Return `execute`, which runs a workflow, such that it holds the lock of results/ meanwhile.

    Summaries, reports and dry-runs don't execute: they are allowed while another call works.
    """

    @wraps(execute)
    def alone(*arguments: P.args, **options: P.kwargs) -> R:
        for folder in (_SNAKEMAKE, _RESULTS, _LOGS):
            check_writable(folder)
        with lock(_RESULTS) as held:
            if held:
                _remove_stale_locks()
            return execute(*arguments, **options)

    return alone


def check_writable(folder: Path) -> None:
    """Make `folder` where there is none. Raises ApiError where nothing can be written to it."""
    try:
        folder.mkdir(exist_ok=True)
        reason = None if os.access(folder, os.W_OK | os.X_OK) else "this user may not write there"
    except FileExistsError:
        target = (
            f"a link to {os.readlink(folder)}, which is" if folder.is_symlink() else "there but"
        )
        reason = f"it is {target} no folder"
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise ApiError(
            f"{folder.absolute()}/ cannot be written to: {reason}. Nothing was run; dry-runs (-n)"
            " and `lth audit` work all the same."
        )


@contextmanager
def lock(folder: Path) -> Iterator[bool]:
    """Hold the lock of `folder`, in a file there that says by whom.

    Yields whether it is held: some file systems have no such locks, and Snakemake's own have to do.
    Raises ApiError, naming the process and its checkout, where another one holds the lock.
    """
    try:
        file = (folder / _NAME).open("ab+", buffering=0)
    except OSError as error:
        raise ApiError(f"{folder / _NAME} cannot be written to: {error.strerror}.") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = os.fsdecode(file.read()) or "just starting"
            raise ApiError(
                f"Another snakemake is working on these results ({holder}); wait for it or stop it."
            ) from None
        except OSError:
            yield False
            return
        holder = f"process {os.getpid()} on {socket.gethostname()}, in {Path.cwd()}"
        file.truncate(0)
        with suppress(OSError):  # a full disk, which the first job says
            file.write(os.fsencode(holder))
        try:
            yield True
        finally:
            file.truncate(0)


def _remove_stale_locks() -> None:
    """Remove what a killed call left of Snakemake's own lock."""
    stale = list(_SNAKEMAKE.glob("locks/*.lock"))
    for path in stale:
        path.unlink()
    if stale:
        logger.info("An earlier call was killed; its lock has been removed.")
