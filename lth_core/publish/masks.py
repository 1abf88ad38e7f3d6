"""Selects the masks to publish with a table: those small enough for git."""

from math import ceil
from pathlib import Path

from lth_core.errors import NotPlanned
from lth_core.jobs import published_masks
from lth_core.jobs.inputs import files_read
from lth_core.jobs.kind import Job
from lth_core.runs.plan import Plan

MOST_MB = 10.0  # of one experiment: those of Lenet and Resnet-18 fit


def masks_there(plan: Plan, experiment: str, results: str) -> tuple[Job | None, str]:
    """Return the job that packs an experiment's masks into `results`; else None, and why.

    The reason is empty where there is nothing to pack.
    """
    try:
        job = published_masks.job(plan, {"experiment": experiment, "results": results})
    except NotPlanned:
        return None, ""
    size = len(job["runs"]) * _bytes_a_run(plan, experiment) / 1e6
    if size > MOST_MB:
        return None, f"they take {size:.3g} MB, and git is given {MOST_MB:g} at most"
    gone = [path for path in files_read(job) if not Path(path).is_file()]
    if gone:
        return None, f"{gone[0]} is not kept"
    return job, ""


def _bytes_a_run(plan: Plan, experiment: str) -> int:
    layers = plan.project.experiments[experiment].architecture.weight_layers
    return sum(ceil(layer.size / 8) for layer in layers)
