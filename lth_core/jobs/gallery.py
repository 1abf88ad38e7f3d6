"""Gallery: one page with every figure of a scale, its claims and what made it."""

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.errors import NotPlanned
from lth_core.files import sha256_bytes, write_bytes
from lth_core.jobs.kind import Job, Place, Written
from lth_core.partial import PARTIAL, whole

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/gallery.manifest.json"
TEMPLATE = "lth_core/pages/gallery.html.j2"
CLAIMS = "claims.manifest.json"
_JUDGED = ("claims.csv", "peers.csv")  # the paper's, and those of other systems
_END = ".manifest.json"


def job(plan: "Plan", place: Place) -> Job:
    """Return what the page is made of: figures and claims that are there now. Raises NotPlanned.

    Of a figure that is not there as a whole, its part is shown.
    """
    if place["results"] != plan.results:
        raise NotPlanned(f"no gallery in {place['results']} at scale {plan.project.config.scale}")
    results = Path(plan.results)
    files: dict[Path, list[str]] = {_drawn(results, name): [] for name in plan.project.figures}
    files[results / CLAIMS] = [*_JUDGED]
    there = {path.as_posix(): read for path, read in files.items() if path.is_file()}
    figures = {
        name: {"section": one.section, "title": one.title, "caption": one.caption}
        for name, one in plan.project.figures.items()
    }
    scale = plan.project.config.scale
    return {"scale": scale, "figures": figures, "reads": {TEMPLATE: [], **there}}


def run(job: Job, out: Path) -> Written:
    """Write gallery.html."""
    from lth_core.gallery.cards import cards, read_claims
    from lth_core.gallery.page import page

    paths = [Path(path) for path in job["reads"]]
    figures_read = [path for path in paths if path.parent.name == "figures"]
    drawn = {whole(path.name.removesuffix(_END)): path for path in figures_read}
    judged = [path.with_name(name) for path in paths if path.name == CLAIMS for name in _JUDGED]
    figures = job["figures"]
    html = page(cards(figures, drawn, read_claims(judged)), job["scale"])
    write_bytes(out / "gallery.html", html)
    print(f"{out / 'gallery.html'}: {len(drawn)} of {len(figures)} figures")
    return Written({"gallery.html": sha256_bytes(html)}, {"jinja2": version("jinja2")})


def _drawn(results: Path, name: str) -> Path:
    """Return the manifest of a figure; of the one drawn in part where the whole one is not."""
    path = results / "figures" / f"{name}{_END}"
    return path if path.is_file() else path.with_name(f"{name}{PARTIAL}{_END}")
