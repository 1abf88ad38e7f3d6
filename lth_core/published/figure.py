"""Draw a published figure, from published tables.

python -m lth_core.published.figure results/published/paper/figures/fig04.manifest.json

draws it again, as it is recorded there. The same pixels and numbers give the same bytes.
"""

import argparse
import os
import shutil
from pathlib import Path, PurePosixPath

from lth_core.figures import embed
from lth_core.figures.build import FigureJob, build
from lth_core.files import sha256_file
from lth_core.provenance import manifest
from lth_core.provenance.fingerprint import fingerprint, notebook_modules
from lth_core.published.record import standing

PICTURES = ("png", "svg")


def draw(job: FigureJob, folder: Path) -> bool:
    """Write figure.png, .svg, .csv and, last, figure.manifest.json to `folder`.

    Returns whether any of them changed. The executed notebook, which holds the picture once
    more, is not published.
    """
    figure = job.figure
    record, files = f"{figure}.manifest.json", [f"{figure}.{s}" for s in (*PICTURES, "csv")]
    work = folder / f".{figure}.drawn"
    shutil.rmtree(work, ignore_errors=True)
    try:
        build(job, work)
        written = manifest.read(work / record)
        del written["outputs"][f"{figure}.ipynb:content"]
        stands = standing(folder / record, written)
        digest = manifest.write(work / record, stands)
        for name in files[: len(PICTURES)]:
            provenance = embed.read_metadata(work / name)
            provenance |= {"manifest": digest, "commit": stands["source"]["commit"]}
            embed.embed(work / name, provenance)
        changed = [name for name in (*files, record) if _differ(work / name, folder / name)]
        for name in (*files, record):
            os.replace(work / name, folder / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return bool(changed)


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


def code_of(notebook: str) -> str:
    """Return the fingerprint of the code that draws figures of a family."""
    modules = notebook_modules(Path("notebooks", f"{notebook}.ipynb"))
    return fingerprint("lth_core.figures.build", *modules)


def _differ(new: Path, old: Path) -> bool:
    return not old.is_file() or sha256_file(new) != sha256_file(old)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("manifest", type=Path, help="of the published figure")
    path = parser.parse_args().manifest
    changed = draw(recorded_job(path), path.parent)
    print(f"{path}: {'CHANGED: git diff shows what' if changed else 'the same bytes'}")


if __name__ == "__main__":
    main()
