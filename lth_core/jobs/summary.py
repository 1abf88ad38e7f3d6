"""Sum up the runs of an experiment: one row per run, and the learning curves."""

from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.errors import NotPlanned
from lth_core.jobs.inputs import files_read
from lth_core.jobs.kind import Job, Place, Written

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/tables/{experiment}/manifest.json"


def job(plan: "Plan", place: Place) -> Job:
    """Return the summary of an experiment. Raises NotPlanned."""
    name = place["experiment"]
    if place["results"] != plan.results or name not in plan.project.experiments:
        raise NotPlanned(f"no experiment {name} in {place['results']}")
    experiment = plan.project.experiments[name]
    read = {plan.manifest(plan.job(run)): ["metrics.parquet"] for run in plan.runs(name)}
    return {
        "experiment": name,
        "rounds": experiment.rounds,
        "trials": experiment.trials,
        "replicates": experiment.replicates,
        "reads": read,
    }


def run(job: Job, out: Path) -> Written:
    """Write summary.parquet and curves.parquet."""
    import pandas as pd

    from lth_core.tables.parquet import environment, write_table
    from lth_core.tables.summary import learning_curves, select_runs, summarise

    metrics = pd.concat([pd.read_parquet(file) for file in files_read(job)], ignore_index=True)
    first, last = map(int, job["rounds"].split("-"))
    metrics = select_runs(metrics, range(first, last + 1), job["trials"], job["replicates"])
    tables = {
        "summary.parquet": summarise(metrics, job["experiment"]),
        "curves.parquet": learning_curves(metrics, job["experiment"]),
    }
    digests = {name: write_table(table, out / name) for name, table in tables.items()}
    return Written(digests, environment())
