"""Do one job: `python -m lth_core.jobs KIND --job FILE --code DIGEST --out FOLDER`."""

import argparse
import json
import sys
from pathlib import Path

from lth_core.errors import Failure
from lth_core.jobs.kind import kinds
from lth_core.jobs.process import prepare
from lth_core.jobs.run import run


def main() -> None:
    """Do the job of the command line; failures end with one line that says what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=kinds())
    parser.add_argument("--job", required=True, type=Path, metavar="FILE", help="the job, JSON")
    parser.add_argument("--code", required=True, help="fingerprint that it was planned with")
    parser.add_argument(
        "--bytes", help="digest of all code then; where it is the same, CODE is taken for granted"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    try:
        prepare()
        job = json.loads(arguments.job.read_bytes())
        run(arguments.kind, job, arguments.code, arguments.out, arguments.bytes)
    except (Failure, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
