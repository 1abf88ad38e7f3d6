"""Make all that is published again, from the published tables: figures and judged claims.

python -m lth_core.published.redraw --jobs 2

Figures are drawn as they are recorded, claims are judged as config/ says now. The same pixels,
numbers and verdicts give the same bytes; what changed, `git status` shows.
"""

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path, PurePosixPath

from lth_core.figures.build import FigureJob
from lth_core.provenance import manifest
from lth_core.published import claims
from lth_core.published.archive import PUBLISHED
from lth_core.published.figure import code_of, draw


def redraw(jobs: int) -> Iterator[tuple[Path, bool]]:
    """Draw all figures and judge all claims published below the current folder, `jobs` at a time.

    Yields the manifest of each, and whether anything changed.
    """
    # Claims, which take longest, first.
    records = sorted(PUBLISHED.glob(f"*/{claims.RECORD}"))
    records += sorted(PUBLISHED.glob("*/figures/*.manifest.json"))
    with ProcessPoolExecutor(jobs) as pool:
        yield from zip(records, pool.map(_redraw, records), strict=True)


def recorded_job(path: Path) -> FigureJob:
    """Return what the manifest of a published figure at `path` says was drawn."""
    recorded = manifest.read(path)
    settings, inputs = recorded["settings"], [PurePosixPath(name) for name in recorded["inputs"]]
    return FigureJob(
        figure=settings["figure"],
        spec=settings["spec"],
        scale=settings["scale"],
        tables={p.parent.name: Path(p.parent) for p in inputs if p.name == manifest.NAME},
        paper=next((Path(p) for p in inputs if p.suffix == ".csv"), None),
        code=code_of(settings["spec"]["notebook"]),
    )


def _redraw(path: Path) -> bool:
    if path.name == claims.RECORD:
        return claims.judge(path.parent, same_code=False)
    return draw(recorded_job(path), path.parent, same_code=False)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="results at a time")
    drawn = list(redraw(parser.parse_args().jobs))
    for path, changed in drawn:
        print(f"{path}: {'CHANGED' if changed else 'the same bytes'}")
    different = sum(changed for _, changed in drawn)
    print(f"{len(drawn)} published results, {different} of them changed")


if __name__ == "__main__":
    main()
