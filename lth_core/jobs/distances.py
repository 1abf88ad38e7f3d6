"""Compare an experiment's masks with those of others, and of its other trials (Figure 127)."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lth_core.errors import NotPlanned
from lth_core.jobs.kind import Job, Place, Written
from lth_core.training.checkpoint import load_lane

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/distances/{experiment}/manifest.json"
MASKS, DISTANCES = "masks.safetensors", "distances.parquet"


def job(plan: "Plan", place: Place) -> Job:
    """Return the comparisons that figures show of an experiment. Raises NotPlanned.

    comparisons: the run, the experiment that it is compared with, and that one's runs.
    """
    from lth_core.config.distance_figures import MaskDistances

    name, project = place["experiment"], plan.project
    if place["results"] != plan.results or name not in project.experiments:
        raise NotPlanned(f"no experiment {name} in {place['results']}")
    figures = [one for one in project.figures.values() if isinstance(one, MaskDistances)]
    references = sorted({one.reference for one in figures if name in one.experiments})
    if not references:
        raise NotPlanned(f"no figure compares the masks of {name}")
    comparisons = [one for reference in references for one in _compared(plan, name, reference)]
    lanes = [lane for one in comparisons for lane in (one["run"], *one["with"])]
    return {
        "experiment": name,
        "comparisons": comparisons,
        "reads": {f"{lane['folder']}/manifest.json": [MASKS] for lane in lanes},
    }


def _compared(plan: "Plan", name: str, reference: str) -> Iterator[dict[str, Any]]:
    """Yield each run with the one of its round and trial, or within an experiment with all others.

    Where the reference has no replicates, all of a trial are compared with its one run.
    """
    there = list(plan.runs(reference))
    for run in plan.runs(name):
        same_round = [other for other in there if other.round == run.round]
        others = [
            other for other in same_round if (other.trial == run.trial) != (name == reference)
        ]
        replicate = min(run.replicate, max((other.replicate for other in others), default=0))
        found = [plan.lane(other) for other in others if other.replicate == replicate]
        yield {"run": plan.lane(run), "reference": reference, "with": found}


def run(job: Job, out: Path) -> Written:
    """Write distances.parquet, a row for each run and experiment that it is compared with.

    mask_distance, mask_overlap: means over the runs it is compared with; NaN where there are none.
    """
    import numpy as np
    import pandas as pd

    from lth_core.tables.distance import mask_distance, mask_overlap
    from lth_core.tables.distributions import percent_remaining
    from lth_core.tables.parquet import environment, write_table

    rows = []
    for compared in job["comparisons"]:
        masks, others = _masks(compared["run"]), [_masks(lane) for lane in compared["with"]]
        measures = {"mask_distance": mask_distance, "mask_overlap": mask_overlap}
        rows.append(
            {
                "experiment": job["experiment"],
                "reference": compared["reference"],
                **{key: compared["run"][key] for key in ("round", "trial", "replicate")},
                "weights_remaining": sum(int(mask.sum()) for mask in masks.values()),
                "percent_remaining": percent_remaining(masks),
                **{
                    key: float(np.mean([measure(masks, other) for other in others]))
                    if others
                    else float("nan")
                    for key, measure in measures.items()
                },
            }
        )
    digest = write_table(pd.DataFrame(rows), out / DISTANCES)
    return Written({DISTANCES: digest}, environment())


def _masks(lane: dict[str, Any]) -> Any:
    return load_lane(Path(lane["folder"], MASKS), lane["trial"], lane["replicate"])
