"""Build one figure: execute its family's notebook, then embed where it comes from.

python -m lth_core.figures.build --figure fig04 --spec JSON --scale '{"name": ..., "note": ...}' \
    --tables lenet_imp=results/quick/tables/lenet_imp ... --out results/figures
"""

import argparse
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import papermill

from lth_core.config.figures import SPEC
from lth_core.figures import embed
from lth_core.files import sha256_file
from lth_core.provenance import manifest

_ROOT = Path(__file__).resolve().parents[2]
_NOTEBOOKS = _ROOT / "notebooks"
# What the verdicts in the notebooks rest on.
_CLAIMS = _ROOT / "config" / "paper"


@dataclass(frozen=True)
class FigureJob:
    """One figure to be built.

    spec: its entry in figures.yaml. scale: name and note. tables: folder of each
    experiment's tables, with their manifest.json. paper: the paper's curves, if any. code:
    fingerprint of the code that draws.
    """

    figure: str
    spec: Mapping[str, Any]
    scale: Mapping[str, str]
    tables: Mapping[str, Path]
    paper: Path | None
    code: str


def build(job: FigureJob, out: Path) -> None:
    """Write figure.png, .svg, .csv, .ipynb and, last, figure.manifest.json to the folder `out`.

    All is made in a folder inside `out` and moved when complete.

    Raises ValueError naming the experiments that have no tables.
    """
    figure = job.figure
    checked = SPEC.validate_python(job.spec)
    missing = [experiment for experiment in checked.experiments if experiment not in job.tables]
    if missing:
        raise ValueError(f"{figure}: no tables of experiment {', '.join(missing)}")
    # Relative, since the manifest names it.
    notebook = Path(os.path.relpath(_NOTEBOOKS / f"{checked.notebook}.ipynb"))
    work = out / f".{figure}.part"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        _execute(job, notebook, work)
        _add_provenance(job, notebook, work)
        last = f"{figure}.manifest.json"
        (out / last).unlink(missing_ok=True)
        for suffix in ("png", "svg", "csv", "ipynb"):
            os.replace(work / f"{figure}.{suffix}", out / f"{figure}.{suffix}")
        os.replace(work / last, out / last)
    finally:
        shutil.rmtree(work)


def _execute(job: FigureJob, notebook: Path, work: Path) -> None:
    # A user's own IPython profile has no say in what is drawn.
    os.environ["IPYTHONDIR"] = str((work / "ipython").resolve())
    executed = work / f"{job.figure}.ipynb"
    result = papermill.execute_notebook(
        notebook,
        executed,
        parameters={
            "figure": job.figure,
            "spec": dict(job.spec),
            "scale": dict(job.scale),
            "tables": {experiment: str(folder) for experiment, folder in job.tables.items()},
            "paper": str(job.paper) if job.paper else None,
            "out": str(work),
        },
        kernel_name="python3",
        progress_bar=False,
        request_save_on_cell_execute=False,
        extra_arguments=["--IPKernelApp.log_level=50"],  # errors in cells are raised here
    )
    _strip_times(result)
    executed.write_text(json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _strip_times(notebook: Any) -> None:
    """Remove what differs from one execution to the next."""
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)


def _add_provenance(job: FigureJob, notebook: Path, work: Path) -> None:
    figure, tables, paper = job.figure, job.tables, job.paper
    settings = {"figure": figure, "spec": dict(job.spec), "scale": dict(job.scale)}
    manifests = {experiment: folder / manifest.NAME for experiment, folder in tables.items()}
    png, svg, csv, executed = (
        work / f"{figure}.{suffix}" for suffix in ("png", "svg", "csv", "ipynb")
    )
    written = manifest.build(
        kind="figure",
        settings=settings,
        code=job.code,
        inputs=[*manifests.values(), notebook, *([paper] if paper else []), *_claims()],
        outputs={
            f"{png.name}:pixels": embed.content_digest(png),
            f"{svg.name}:content": embed.content_digest(svg),
            f"{executed.name}:content": embed.content_digest(executed),
            csv.name: sha256_file(csv),
        },
        environment={name: version(name) for name in ("matplotlib", "pandas", "seaborn")},
    )
    provenance = {
        "figure": figure,
        "manifest": manifest.write(work / f"{figure}.manifest.json", written),
        "config": manifest.digest(settings),
        "commit": written["source"]["commit"],
        "scale": job.scale["name"],
        "trials": {
            experiment: manifest.read(path)["settings"]["trials"]
            for experiment, path in manifests.items()
        },
    }
    for path in (png, svg, executed):
        embed.embed(path, provenance)


def _claims() -> list[Path]:
    files = [_CLAIMS / "claims.csv", *sorted((_CLAIMS / "claims").glob("*.yaml"))]
    return [Path(os.path.relpath(file)) for file in files]


def parse_table(text: str) -> tuple[str, Path]:
    """Return experiment and folder of e.g. `lenet_imp=results/quick/tables/lenet_imp`."""
    experiment, separator, folder = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not EXPERIMENT=FOLDER")
    return experiment, Path(folder)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--figure", required=True, help="name, e.g. fig04")
    parser.add_argument("--spec", type=json.loads, required=True, help="entry of figures.yaml")
    parser.add_argument("--scale", type=json.loads, required=True, help="name and note")
    parser.add_argument(
        "--tables", type=parse_table, nargs="*", required=True, metavar="EXPERIMENT=FOLDER"
    )
    parser.add_argument("--paper", type=Path, metavar="CSV", help="the paper's curves")
    parser.add_argument("--code", required=True, help="fingerprint of the code that draws")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    arguments = vars(parser.parse_args())
    out = arguments.pop("out")
    build(FigureJob(tables=dict(arguments.pop("tables")), **arguments), out)


if __name__ == "__main__":
    main()
