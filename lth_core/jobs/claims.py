"""Claims: the statements of the paper and of other systems, judged on the tables that exist."""

from collections import defaultdict
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.config.claim_files import SOURCES
from lth_core.errors import NotPlanned
from lth_core.files import sha256_bytes, write_bytes
from lth_core.jobs.kind import Job, Place, Written
from lth_core.provenance import manifest

if TYPE_CHECKING:
    from lth_core.claims.tables import Tables
    from lth_core.config.claims import Claim
    from lth_core.config.load import Project
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/claims.manifest.json"
TEMPLATE = Path("lth_core/pages/claims.html.j2")
CONFIG = Path("config")
# The files that verdicts rest on.
PATTERNS = (
    *("experiments/*.yaml", "architectures/*.yaml", "scales/*.yaml", "xor.yaml"),
    *(f"{source}/claims{files}" for source in SOURCES for files in ("/*.yaml", ".csv")),
)
_PUBLISHED = (
    "Judged on the tables that are published beside this page, and on nothing else: what is"
    " marked not run may have been run but not published."
)


def job(plan: "Plan", place: Place) -> Job:
    """Return what is judged: the tables that are there now.

    Raises NotPlanned, and ConfigError where a claim is wrong.

    published: whether they are copies in git, of which learning curves may be thinned. pictures:
    figures that are drawn.
    """
    from lth_core.config.check_claims import checked_claims

    results, project = Path(place["results"]), plan.project
    if results.name != project.config.scale:
        raise NotPlanned(f"no claims in {results} at scale {project.config.scale}")
    checked_claims(CONFIG, project)  # what is wrong is told before anything is made
    found = [path for pattern in PATTERNS for path in sorted(CONFIG.glob(pattern))]
    plain = [path for path in found if not path.name.startswith(".")]  # no editor's lock files
    reads: dict[Path, list[str]] = {path: [] for path in (TEMPLATE, *plain)}
    for folder, names, files in (
        ("tables", project.experiments, ["summary.parquet", "curves.parquet"]),
        ("tables", project.xor.experiments, ["summary.parquet"]),
        ("distributions", project.experiments, ["by_trial.parquet"]),
        ("structure", project.experiments, ["structure.parquet"]),
        ("distances", project.experiments, ["distances.parquet"]),
    ):
        paths = [results / folder / name / manifest.NAME for name in names]
        reads |= {path: files for path in paths if path.is_file()}
    return {
        "scale": project.config.scale,
        "published": results.parent.name == "published",
        "pictures": sorted(path.stem for path in results.glob("figures/*.png")),
        "reads": {path.as_posix(): files for path, files in reads.items()},
    }


def run(job: Job, out: Path) -> Written:
    """Write claims.csv, a line for each claim of the paper, and claims.html, which has the single
    checks too; and peers.csv, of the claims of other systems.

    Raises ConfigError, also where a claim is about an unknown experiment.
    """
    from lth_core.claims.page import by_figure, counts, page
    from lth_core.claims.results import as_csv, evaluate
    from lth_core.claims.scale import scale_of_claim
    from lth_core.config.check_claims import checked_claims
    from lth_core.config.load import load

    project = load(CONFIG, {"scale": job["scale"]})
    claims = checked_claims(CONFIG, project)
    everything = [claim for found in claims.values() for claim in found.values()]
    scales = {claim.id: scale_of_claim(project, claim) for claim in everything}
    tables = _tables(job, project, everything)
    judged = {source: evaluate(found.values(), tables, scales) for source, found in claims.items()}
    note = _PUBLISHED if job["published"] else ""
    written = {
        "claims.csv": as_csv(judged["paper"]),
        "claims.html": page(judged["paper"], job["scale"], by_figure(job["pictures"]), note),
        "peers.csv": as_csv(judged["peers"]),
    }
    for name, data in written.items():
        write_bytes(out / name, data)
    print(counts(judged["paper"]["verdict"]))
    return Written(
        outputs={name: sha256_bytes(data) for name, data in written.items()},
        environment={name: version(name) for name in ("jinja2", "pandas", "pyarrow", "scipy")},
    )


def _tables(job: Job, project: "Project", claims: "Collection[Claim]") -> "Tables":
    from lth_core.claims.tables import Tables

    folders: defaultdict[str, dict[str, Path]] = defaultdict(dict)
    for path in _manifests(job):
        folders[path.parts[-3]][path.parent.name] = path.parent
    return Tables(
        folders["tables"],
        folders["distributions"],
        [*project.experiments, *project.xor.experiments],
        project,
        _thinned(job, project, claims) if job["published"] else (),
        masks={name: folders[name] for name in ("structure", "distances")},
        shortened=job["scale"] != "paper",
        seeds=project.seeds,
    )


def _thinned(job: Job, project: "Project", claims: "Collection[Claim]") -> list[str]:
    """Return the experiments whose published curves lack rows that claims read."""
    from lth_core.publish.needed import has_rows, rows_needed

    found = []
    for path in _manifests(job):
        name, kept = path.parent.name, manifest.read(path)["settings"].get("curves")
        needed = rows_needed(project, claims, name) if kept else None
        if needed and not has_rows(kept, needed):
            found.append(name)
    return found


def _manifests(job: Job) -> list[Path]:
    return [Path(path) for path in job["reads"] if manifest.is_manifest(path)]
