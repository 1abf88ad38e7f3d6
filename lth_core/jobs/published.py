"""A table as published: a small copy, without most rows of its learning curves."""

from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.errors import NotPlanned
from lth_core.files import sha256_bytes, write_bytes
from lth_core.jobs.inputs import files_read
from lth_core.jobs.kind import Job, Place, Written
from lth_core.provenance.manifest import NAME

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/{table}/{experiment}/manifest.json"
CURVES = "curves.parquet"


def job(plan: "Plan", place: Place) -> Job:
    """Return the copy of a table that its scale's figures and claims need. Raises NotPlanned.

    curves: which rows of the learning curves are kept; None where the table has none.
    """
    from lth_core.config.claim_files import all_claims
    from lth_core.config.distance_figures import MaskDistances
    from lth_core.config.distribution_figures import Distributions
    from lth_core.config.mask_figures import MaskMaps
    from lth_core.config.pixel_figures import PixelMaps
    from lth_core.publish.needed import rows_needed

    project, name, results = plan.project, place["experiment"], place["results"]
    of_networks, table = name in project.experiments, place["table"]
    if results != f"results/published/{project.config.scale}" or not (
        of_networks or (plan.is_xor(name) and table == "tables")
    ):
        raise NotPlanned(f"no experiment {name} in {results}")
    files, kept = ["summary.parquet", CURVES], None
    families = {
        family.folder: family for family in (Distributions, PixelMaps, MaskMaps, MaskDistances)
    }
    if table in families:
        files = list(families[table].files)
    elif of_networks:
        kept = rows_needed(project, all_claims(Path("config")), name)
    else:
        files.remove(CURVES)
    return {
        "experiment": name,
        "curves": kept and kept._asdict(),
        "reads": {f"{plan.results}/{table}/{name}/{NAME}": files},
    }


def run(job: Job, out: Path) -> Written:
    """Write the copies."""
    import pandas as pd

    from lth_core.publish.thin import Kept, thin
    from lth_core.tables.parquet import environment, write_table

    outputs = {}
    for file in map(Path, files_read(job)):
        if file.name == CURVES:
            curves = thin(pd.read_parquet(file), Kept(**job["curves"]))
            outputs[file.name] = write_table(curves, out / file.name)
        else:
            write_bytes(out / file.name, file.read_bytes())
            outputs[file.name] = sha256_bytes(file.read_bytes())
    return Written(outputs, environment())
