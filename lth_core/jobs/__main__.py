"""Do one job: `python -m lth_core.jobs KIND --job FILE --code DIGEST --out FOLDER`."""

import argparse
import json
import math
import os
import signal
import sys
from pathlib import Path

from lth_core.errors import Failure
from lth_core.jobs.kind import kinds
from lth_core.jobs.run import run


def main() -> None:
    """Do the job of the command line; failures end with one line that says what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=kinds())
    parser.add_argument("--job", required=True, type=Path, metavar="FILE", help="the job, JSON")
    parser.add_argument("--code", required=True, help="fingerprint that it was planned with")
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    # Ctrl-C reaches a job as well: it ends as when it is asked to stop, training saves itself.
    signal.signal(signal.SIGINT, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        _check_environment()
        job = json.loads(arguments.job.read_bytes())
        run(arguments.kind, job, arguments.code, arguments.out, _planned_bytes(arguments.job))
    except (Failure, OSError) as error:
        sys.exit(f"error: {error}")


def _check_environment() -> None:
    """Raise Failure for a variable that makes no sense, before anything is computed."""
    told = os.environ.get("LTH_SAVE_SECONDS", "30")
    try:
        right = 0 <= float(told) < math.inf
    except ValueError:
        right = False
    if not right:
        raise Failure(f"LTH_SAVE_SECONDS is {told!r}; it should be a number of seconds, such as 30")


def _planned_bytes(job: Path) -> str | None:
    """Return the digest of the code's bytes that a plan has left beside its job, if it has."""
    path = job.with_suffix(".code")
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    main()
