"""Draw a published figure, from published tables."""

import os
import shutil
from pathlib import Path
from typing import Any

from lth_core.figures import embed
from lth_core.figures.build import FigureJob, build
from lth_core.files import sha256_file
from lth_core.provenance import manifest
from lth_core.provenance.fingerprint import fingerprint, notebook_modules
from lth_core.published.record import standing

PICTURES = ("png", "svg")
CLAIMS = "config/paper/claims"


def draw(job: FigureJob, folder: Path, same_code: bool) -> bool:
    """Write figure.png, .svg, .csv and, last, figure.manifest.json to `folder`.

    Returns whether any of them changed. The manifest that is there stays as it is if it records
    the same result (with same_code: of the same code, too).
    """
    figure = job.figure
    record, files = f"{figure}.manifest.json", [f"{figure}.{s}" for s in (*PICTURES, "csv")]
    work = folder / f".{figure}.drawn"
    shutil.rmtree(work, ignore_errors=True)
    try:
        build(job, work)
        written = _without_notebook(manifest.read(work / record), figure)
        stands = standing(folder / record, written, same_code)
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


def code_of(notebook: str) -> str:
    """Return the fingerprint of the code that draws figures of a family."""
    modules = notebook_modules(Path("notebooks", f"{notebook}.ipynb"))
    return fingerprint("lth_core.figures.build", *modules)


def _without_notebook(record: dict[str, Any], figure: str) -> dict[str, Any]:
    """Return a figure's record less the executed notebook and the claims, which only it shows.

    It holds the picture once more, and is not published.
    """
    del record["outputs"][f"{figure}.ipynb:content"]
    inputs = record["inputs"].items()
    shown = {name: digest for name, digest in inputs if not name.startswith(CLAIMS)}
    return record | {"inputs": shown}


def _differ(new: Path, old: Path) -> bool:
    return not old.is_file() or sha256_file(new) != sha256_file(old)
