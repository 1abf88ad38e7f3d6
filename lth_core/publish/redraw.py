"""Remakes all that is published from the published tables: figures, judged claims, the page.

python -m lth_core.publish.redraw --jobs 2

Figures are drawn as they are recorded, claims are judged as config/ says now. The same code gives
the same bytes; what changed, `git status` shows. Of a call that was killed, `git restore` the
manifests that are gone, without which a result is passed over.
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from lth_core.audit.archive import PUBLISHED
from lth_core.config.load import load
from lth_core.errors import Failure
from lth_core.jobs import claims
from lth_core.provenance import manifest
from lth_core.publish.page import write_page
from lth_core.publish.remake import remake
from lth_core.runs.plan import Plan


def main() -> None:
    """Make all figures and claims published below the current folder again."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="results at a time")
    jobs = parser.parse_args().jobs
    # Claims, which take longest, first.
    records = sorted(PUBLISHED.glob("*/claims.manifest.json"))
    records += sorted(PUBLISHED.glob("*/figures/*.manifest.json"))
    try:
        with ProcessPoolExecutor(jobs) as pool:
            changed = list(pool.map(_remake, records))
    except Failure as error:
        sys.exit(f"error: {error}")
    write_page(PUBLISHED)
    for path, differs in zip(records, changed, strict=True):
        print(f"{path}: {'CHANGED' if differs else 'the same bytes'}")
    print(f"{len(records)} published results, {sum(changed)} of them changed")


def _remake(path: Path) -> bool:
    recorded = manifest.read(path)
    job = recorded["settings"]
    if recorded["kind"] == "claims":
        plan = Plan(load(Path("config"), {"scale": job["scale"]}))
        job = claims.job(plan, {"results": path.parent.as_posix()})
    return remake(recorded["kind"], job, path.parent)


if __name__ == "__main__":
    main()
