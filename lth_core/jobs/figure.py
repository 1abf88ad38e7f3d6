"""A figure: its family's notebook, executed; the picture carries the digest of its manifest."""

import os
import re
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lth_core.errors import NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs.kind import Job, Place, Written
from lth_core.partial import PARTIAL, whole
from lth_core.provenance import manifest
from lth_core.provenance.fingerprint import notebook_modules

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/figures/{figure}.manifest.json"
# What they are made by; the notebook's kernel is this very Python.
_PACKAGES = ("matplotlib", "pandas", "pyarrow", "seaborn")
# What it leaves, by suffix, and what of it is digested: all, or what is not provenance.
_FILES = {"png": ":pixels", "svg": ":content", "ipynb": ":content", "csv": "", "runs.parquet": ""}


def job(plan: "Plan", place: Place) -> Job:
    """Return a figure as its scale has it, with its claims and tables. Raises NotPlanned.

    A published figure, in results/published/SCALE, is drawn from the published tables. One called
    fig04_partial is Figure 4 of the experiments that are published, or else of those whose runs are
    all finished and current.
    """
    from lth_core.config.claim_files import figure_claims
    from lth_core.config.figure import is_own
    from lth_core.config.figure_at_scale import experiments_at_scale, figure_at_scale, note_of
    from lth_core.config.in_part import left_out, not_run
    from lth_core.jobs.staleness import Staleness

    project, results = plan.project, place["results"]
    scale, name = project.config.scale, whole(place["figure"])
    if name not in project.figures or results not in (plan.results, f"results/published/{scale}"):
        raise NotPlanned(f"no figure {name} in {results} at scale {scale}")
    figure = project.figures[name]
    folder = f"{results}/{figure.folder}"
    tables = {one: f"{folder}/{one}" for one in experiments_at_scale(project, name)}
    missing = []
    if place["figure"] != name:
        is_there = Staleness(plan).is_ready if results == plan.results else os.path.isfile
        found = [one for one, table in tables.items() if is_there(f"{table}/{manifest.NAME}")]
        missing = left_out(project, name, found)
    tables = {one: table for one, table in tables.items() if one not in missing}
    note = note_of(project, [one for one in figure.experiments if one not in missing])
    said = {"not_run": not_run(project, name, tables)} if missing else {}
    reads: dict[str, list[str]] = {
        f"{table}/{manifest.NAME}": list(figure.files) for table in tables.values()
    }
    reads[_notebook(figure.notebook)] = []
    if Path(_paper(name)).is_file():
        reads[_paper(name)] = []
    # Other systems' claims are about figures that are not the paper's.
    seeds = project.seeds
    claims = figure_claims(name, Path("config/peers"), list(seeds)) if is_own(name) else []
    return {
        "figure": place["figure"],
        "spec": figure_at_scale(project, name),
        "scale": {"name": scale, "note": note, **said},
        "claims": claims or figure_claims(name, Path("config/paper"), list(seeds)),
        "seeds": {one: seeds[one] for one in tables},
        "tables": tables,
        "reads": reads,
    }


def modules(job: Job) -> tuple[str, ...]:
    """Return what the notebook imports."""
    return tuple(notebook_modules(Path(_notebook(job["spec"]["notebook"]))))


def run(job: Job, out: Path) -> Written:
    """Draw in a folder inside `out`, and move all files when they are complete.

    The whole figure replaces the one that was drawn in part.
    """
    from lth_core.figures.embed import content_digest

    figure = job["figure"]
    work = out / f".{figure}.part"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        _execute(job, work)
        files = {work / f"{figure}.{suffix}": part for suffix, part in _FILES.items()}
        outputs = {
            f"{path.name}{part}": content_digest(path) if part else sha256_file(path)
            for path, part in files.items()
        }
        for path in files:
            os.replace(path, out / path.name)
        for path in out.glob(f"{figure}{PARTIAL}.*"):
            path.unlink()
    finally:
        shutil.rmtree(work)
    return Written(outputs, {name: version(name) for name in _PACKAGES})


def sign(job: Job, out: Path, digest: str) -> None:
    """Write into picture and notebook where they come from: the digest of their manifest."""
    from lth_core.figures.embed import embed

    settings = {key: value for key, value in job.items() if key != "reads"}
    provenance = {
        "figure": job["figure"],
        "manifest": digest,
        "config": manifest.digest(settings),
        "scale": job["scale"]["name"],
    }
    for suffix, part in _FILES.items():
        if part:
            embed(out / f"{job['figure']}.{suffix}", provenance)


def _execute(job: Job, work: Path) -> None:
    """Execute the notebook; leave it, the picture and its numbers in the folder `work`."""
    import papermill

    from lth_core.figures.embed import write_notebook

    figure, paper = job["figure"], _paper(job["figure"])
    executed = work / f"{figure}.ipynb"
    with TemporaryDirectory(prefix="lth-kernel-") as folder:
        _write_kernel(Path(folder))
        result = papermill.execute_notebook(
            _notebook(job["spec"]["notebook"]),
            executed,
            parameters={
                **{
                    key: job[key]
                    for key in ("figure", "spec", "scale", "claims", "seeds", "tables")
                },
                "paper": paper if paper in job["reads"] else None,
                "out": str(work),
            },
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            extra_arguments=["--IPKernelApp.log_level=50"],  # errors in cells are raised here
        )
    _strip_times(result)
    _move_warnings(result)
    _only_show(result)
    write_notebook(executed, result)


def _write_kernel(folder: Path) -> None:
    """Make the kernel "python3" this very Python; nothing that a user has set has a say.

    A user's kernels, profiles and variables are left out; drawing itself ignores a matplotlibrc.
    """
    from ipykernel.kernelspec import write_kernel_spec

    environment = {
        **{name: "" for name in os.environ if name.startswith("PYTHON")},
        "PYTHONUTF8": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MATPLOTLIBRC": "",
    }
    write_kernel_spec(folder / "kernels" / "python3", {"env": environment})
    for name in ("PATH", "DATA_DIR", "RUNTIME_DIR"):
        os.environ[f"JUPYTER_{name}"] = str(folder)


def _move_warnings(notebook: Any) -> None:
    """Print what cells said on stderr, and leave it out: it depends on the machine and the user."""
    for cell in notebook.cells:
        said = [output for output in cell.get("outputs", ()) if output.get("name") == "stderr"]
        for output in said:
            print(output["text"], file=sys.stderr, flush=True)
            cell["outputs"].remove(output)


def _strip_times(notebook: Any) -> None:
    """Remove what differs from one execution, or one Python, to the next."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)


def _only_show(notebook: Any) -> None:
    """Where the notebook is run again, it shows the picture and writes nothing."""
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell["source"] = re.sub("^out = .*", "out = None", cell["source"], flags=re.MULTILINE)


def _notebook(family: str) -> str:
    return f"notebooks/{family}.ipynb"


def _paper(figure: str) -> str:
    return f"config/paper/curves/{whole(figure)}.csv"
