"""Remakes all that is published from the published tables: figures, judged claims, the page.

python -m lth_core.publish.redraw --jobs 2

Figures are drawn and claims are judged as config/ says now. The same code gives the same bytes;
what changed, `git status` shows. Of a call that was killed, `git restore` the manifests that are
gone, without which a result is passed over.
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from lth_core.audit.archive import PUBLISHED
from lth_core.config.load import load
from lth_core.errors import Failure, NotPlanned
from lth_core.jobs.kind import planned
from lth_core.publish.page import write_page
from lth_core.publish.remake import remake
from lth_core.runs.plan import Plan


def main() -> None:
    """Make all figures and claims published below the current folder again."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="results at a time")
    jobs = parser.parse_args().jobs
    if jobs < 1:
        parser.error("--jobs: should be 1 or more")
    # Claims, which take longest, first.
    records = sorted(PUBLISHED.glob("*/claims.manifest.json"))
    records += sorted(PUBLISHED.glob("*/figures/*.manifest.json"))
    try:
        with ProcessPoolExecutor(jobs) as pool:
            changed = list(pool.map(_remake, records))
        write_page(PUBLISHED)
    except (Failure, NotPlanned, OSError) as error:
        sys.exit(f"error: {error}")
    for path, differs in zip(records, changed, strict=True):
        print(f"{path}: {'CHANGED' if differs else 'the same bytes'}")
    print(f"{len(records)} published results, {sum(changed)} of them changed")


def _remake(path: Path) -> bool:
    found = planned(_plan(path.relative_to(PUBLISHED).parts[0]), path.as_posix())
    assert found is not None  # a kind leaves such a manifest; NotPlanned where config/ has no job
    return remake(*found, path.parent)


@cache
def _plan(scale: str) -> Plan:
    return Plan(load(Path("config"), {"scale": scale}))


if __name__ == "__main__":
    main()
