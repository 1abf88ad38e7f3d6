"""The paper's claims, judged on the published tables of a scale alone."""

from collections.abc import Collection, Iterable
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from lth_core.claims import page
from lth_core.claims.evaluate import judged, read
from lth_core.claims.rests_on import config_files
from lth_core.claims.scale import all_experiments
from lth_core.config.claims import Claim
from lth_core.config.load import Project
from lth_core.files import sha256_bytes, write_bytes
from lth_core.provenance import manifest
from lth_core.provenance.fingerprint import fingerprint
from lth_core.published.needed import has_rows, rows_needed
from lth_core.published.record import standing
from lth_core.tables.parquet import environment

CONFIG = Path("config")
PAGE, TABLE, RECORD = "claims.html", "claims.csv", "claims.manifest.json"
_NOTE = (
    "Judged on the tables that are published beside this page, and on nothing else: of what is"
    " not run, some may be run and not be published."
)


def judge(folder: Path, same_code: bool) -> bool:
    """Write claims.html, claims.csv and, last, claims.manifest.json to `folder`, of one scale.

    Works in the current folder, the project's root. Returns whether any of them changed. The
    manifest that is there stays as it is if it records the same result (with same_code: by the
    same code and config, too). Raises ConfigError.
    """
    project, claims = read(CONFIG, folder.name)
    kinds = ("tables", "distributions")
    places = [folder / kind / name for kind in kinds for name in all_experiments(project)]
    manifests = [place / manifest.NAME for place in places if (place / manifest.NAME).is_file()]
    table = judged(project, claims, manifests, thinned(project, claims.values(), manifests))
    drawn = {path.stem: f"figures/{path.name}" for path in sorted(folder.glob("figures/*.png"))}
    written = {
        PAGE: page.render(table, project.config.scale, drawn, _NOTE).encode(),
        TABLE: as_csv(table),
    }
    record = manifest.build(
        kind="claims",
        settings={"scale": project.config.scale},
        code=fingerprint("lth_core.published.claims"),
        inputs=[*manifests, *config_files(CONFIG)],
        outputs={name: sha256_bytes(data) for name, data in written.items()},
        environment={**environment(), "scipy": version("scipy")},
    )
    before = _contents(folder)
    for name, data in written.items():
        write_bytes(folder / name, data)
    manifest.write(folder / RECORD, standing(folder / RECORD, record, same_code))
    return _contents(folder) != before


def thinned(project: Project, claims: Collection[Claim], manifests: Iterable[Path]) -> list[str]:
    """Return the experiments whose published curves lack rows that claims read."""
    found = []
    for path in manifests:
        settings = manifest.read(path)["settings"]
        needed = rows_needed(project, claims, settings["experiment"])
        if needed and "curves" in settings and not has_rows(settings["curves"], needed):
            found.append(settings["experiment"])
    return found


def as_csv(table: pd.DataFrame) -> bytes:
    """Return the verdicts as text with a line for each claim; the page has the single checks."""
    text = table.drop(columns="checks").to_csv(
        index=False, float_format="%.10g", lineterminator="\n"
    )
    return text.encode()


def _contents(folder: Path) -> list[bytes]:
    paths = [folder / name for name in (PAGE, TABLE, RECORD)]
    return [path.read_bytes() for path in paths if path.is_file()]
