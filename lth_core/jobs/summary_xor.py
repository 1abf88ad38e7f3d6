"""Sum up the runs of an XOR experiment: one row per network and round."""

from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.errors import NotPlanned
from lth_core.jobs.inputs import files_read
from lth_core.jobs.kind import Job, Place, Written

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/tables/{experiment}/manifest.json"


def job(plan: "Plan", place: Place) -> Job:
    """Return the summary of an XOR experiment. Raises NotPlanned."""
    name, xor = place["experiment"], plan.project.xor
    if place["results"] != plan.results or name not in xor.experiments:
        raise NotPlanned(f"no XOR experiment {name} in {place['results']}")
    return {
        "experiment": name,
        "trials": xor.trials,
        "tie_margin": xor.tie_margin,
        "zero_loss": xor.zero_loss,
        "reads": {plan.manifest(plan.job(run)): ["metrics.parquet"] for run in plan.runs(name)},
    }


def run(job: Job, out: Path) -> Written:
    """Write summary.parquet."""
    import pandas as pd

    from lth_core.tables.parquet import environment, write_table
    from lth_core.xor.table import summarise

    metrics = pd.concat([pd.read_parquet(file) for file in files_read(job)], ignore_index=True)
    table = summarise(metrics, job["experiment"], job["tie_margin"], job["zero_loss"])
    name = "summary.parquet"
    return Written({name: write_table(table, out / name)}, environment())
