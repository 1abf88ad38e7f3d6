"""Make all that is published again, from the published tables: figures and judged claims.

python -m lth_core.publish.redraw --jobs 2

Figures are drawn as they are recorded, claims are judged as config/ says now. The same code gives
the same bytes; what changed, `git status` shows.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from lth_core.audit.archive import PUBLISHED
from lth_core.config.load import load
from lth_core.errors import Failure
from lth_core.jobs import claims
from lth_core.provenance import manifest
from lth_core.publish.remake import remake
from lth_core.runs.plan import Plan


def redraw(jobs: int) -> Iterator[tuple[Path, bool]]:
    """Make all figures and claims published below the current folder again, `jobs` at a time.

    Yields the manifest of each, and whether anything changed. Raises Failure.
    """
    # Claims, which take longest, first.
    records = sorted(PUBLISHED.glob("*/claims.manifest.json"))
    records += sorted(PUBLISHED.glob("*/figures/*.manifest.json"))
    with ProcessPoolExecutor(jobs) as pool:
        yield from zip(records, pool.map(_remake, records), strict=True)


def _remake(path: Path) -> bool:
    recorded = manifest.read(path)
    job = recorded["settings"]
    if recorded["kind"] == "claims":
        plan = Plan(load(Path("config"), {"scale": job["scale"]}))
        job = claims.job(plan, {"results": path.parent.as_posix()})
    return remake(recorded["kind"], job, path.parent)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="results at a time")
    try:
        drawn = list(redraw(parser.parse_args().jobs))
    except Failure as error:
        sys.exit(f"error: {error}")
    for path, changed in drawn:
        print(f"{path}: {'CHANGED' if changed else 'the same bytes'}")
    different = sum(changed for _, changed in drawn)
    print(f"{len(drawn)} published results, {different} of them changed")


if __name__ == "__main__":
    main()
