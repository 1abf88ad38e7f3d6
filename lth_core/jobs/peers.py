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
    named = [name for claim in load_claims(CLAIMS).values() for name in claim.experiments]
    tables = [
        results / "tables" / name / manifest.NAME
        for name in matching(named, [*project.experiments])
    ]
    plain = [path for pattern in PATTERNS for path in sorted(CONFIG.glob(pattern))]
    reads: dict[Path, list[str]] = {path: [] for path in plain}
    reads |= {path: ["summary.parquet", "curves.parquet"] for path in tables if path.is_file()}
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
    folders = [Path(path).parent for path in job["reads"] if manifest.is_manifest(path)]
    tables = Tables(
        {folder.name: folder for folder in folders}, {}, [*project.experiments], project
    )
    scales = {claim.id: scale_of_claim(project, claim) for claim in claims.values()}
    data = as_csv(evaluate(claims.values(), tables, scales))
    write_bytes(out / "peers.csv", data)
    return Written(
        outputs={"peers.csv": sha256_bytes(data)},
        environment={name: version(name) for name in ("pandas", "pyarrow", "scipy")},
    )
