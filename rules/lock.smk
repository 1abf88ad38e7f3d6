# One working call of snakemake a folder, and a call that was killed stops no later one.
#
# Snakemake's own lock is files, which outlive a process that is killed; this one is held by
# the kernel, which frees it whatever ends the process. Who holds it knows that lock files of
# Snakemake that lie around are a dead process's. Jobs don't inherit it: one that outlives
# its snakemake may finish beside its own repetition, but both write the same bytes, and each
# file whole or not at all.
import fcntl
import os
import socket
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger


def lock_folder(folder=Path(".snakemake")):
    """Return the open lock file, to be kept open while this process works."""
    folder.mkdir(exist_ok=True)
    file = open(folder / "lth.lock", "a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise WorkflowError(
            f"Another snakemake is working in this folder ({file.read() or 'starting'});"
            " wait for it or stop it."
        )
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


if workflow.is_main_process and not workflow.output_settings.dryrun:
    execute = workflow.execute

    # Not at once: summaries, reports and the like are allowed while another call works.
    def execute_locked(*arguments, **options):
        with lock_folder():
            return execute(*arguments, **options)

    workflow.execute = execute_locked
