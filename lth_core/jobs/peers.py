"""Claims of other lottery-ticket systems, judged by the same rules as the paper's."""

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.errors import NotPlanned
from lth_core.files import sha256_bytes, write_bytes
from lth_core.jobs.kind import Job, Place, Written
from lth_core.provenance import manifest

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/peers.manifest.json"
CONFIG = Path("config")
CLAIMS = CONFIG / "peers"
# The files that verdicts rest on.
PATTERNS = (
    *("experiments/*.yaml", "architectures/*.yaml", "scales/*.yaml", "xor.yaml"),
    *("peers/claims/*.yaml", "peers/claims.csv"),
)


def job(plan: "Plan", place: Place) -> Job:
    """Return what is judged: the tables that are there now. Raises NotPlanned."""
    from lth_core.config.claims import load_claims, matching

    results, project = Path(place["results"]), plan.project
    if results.name != project.config.scale:
        raise NotPlanned(f"no claims in {results} at scale {project.config.scale}")
    claims = load_claims(CLAIMS).values()
    named = matching(
        [name for claim in claims for name in claim.experiments], [*project.experiments]
    )
    plain = [path for pattern in PATTERNS for path in sorted(CONFIG.glob(pattern))]
    reads: dict[Path, list[str]] = {path: [] for path in plain}
    for folder, files in (
        ("tables", ["summary.parquet", "curves.parquet"]),
        ("structure", ["structure.parquet"]),
        ("distances", ["distances.parquet"]),
    ):
        tables = [results / folder / name / manifest.NAME for name in named]
        reads |= {path: files for path in tables if path.is_file()}
    return {
        "scale": project.config.scale,
        "reads": {path.as_posix(): files for path, files in reads.items()},
    }


def modules(job: Job) -> tuple[str, ...]:
    """Return nothing: all claims are judged by the same modules."""
    return ()


def run(job: Job, out: Path) -> Written:
    """Write peers.csv, a line for each claim.

    Raises ConfigError, also where a claim is about an experiment that there is not.
    """
    from lth_core.claims.results import as_csv, evaluate
    from lth_core.claims.scale import check_claims, scale_of_claim
    from lth_core.claims.tables import Tables
    from lth_core.config.claims import load_claims
    from lth_core.config.load import load

    project, claims = load(CONFIG, {"scale": job["scale"]}), load_claims(CLAIMS)
    check_claims(project, claims, f"{CLAIMS}/claims")
    folders: dict[str, dict[str, Path]] = {"tables": {}, "structure": {}, "distances": {}}
    for path in map(Path, filter(manifest.is_manifest, job["reads"])):
        folders[path.parts[-3]][path.parent.name] = path.parent
    names = [*project.experiments]
    tables = Tables(folders.pop("tables"), {}, names, project, masks=folders)
    scales = {claim.id: scale_of_claim(project, claim) for claim in claims.values()}
    data = as_csv(evaluate(claims.values(), tables, scales))
    write_bytes(out / "peers.csv", data)
    return Written(
        outputs={"peers.csv": sha256_bytes(data)},
        environment={name: version(name) for name in ("pandas", "pyarrow", "scipy")},
    )
