"""Draw all published figures again, from the published tables, as they are recorded.

python -m lth_core.published.redraw --jobs 2

The same pixels and numbers give the same bytes; what changed, `git status` shows.
"""

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path, PurePosixPath

from lth_core.figures.build import FigureJob
from lth_core.provenance import manifest
from lth_core.published.archive import PUBLISHED
from lth_core.published.figure import code_of, draw


def redraw(jobs: int) -> Iterator[tuple[Path, bool]]:
    """Draw all published figures below the current folder, `jobs` at a time.

    Yields the manifest of each, and whether anything changed.
    """
    records = sorted(PUBLISHED.glob("*/figures/*.manifest.json"))
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
    return draw(recorded_job(path), path.parent, same_code=False)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="figures at a time")
    drawn = list(redraw(parser.parse_args().jobs))
    for path, changed in drawn:
        print(f"{path}: {'CHANGED' if changed else 'the same bytes'}")
    different = sum(changed for _, changed in drawn)
    print(f"{len(drawn)} published figures, {different} of them changed")


if __name__ == "__main__":
    main()
