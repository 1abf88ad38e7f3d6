"""Count the weights that each pixel of the input keeps in a network's first layer (Figure 101)."""

from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lth_core.errors import NotPlanned
from lth_core.jobs.kind import Job, Place, Written
from lth_core.training.checkpoint import load_lane

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/pixels/{experiment}/manifest.json"
MASKS, PIXELS = "masks.safetensors", "pixels.parquet"


def job(plan: "Plan", place: Place) -> Job:
    """Return the table of an experiment. Raises NotPlanned.

    image: channels, rows and columns of the data's images. layer: the first one's weight.
    """
    from lth_core.config.checks import data_set, known_data

    name, project = place["experiment"], plan.project
    if place["results"] != plan.results or name not in project.experiments:
        raise NotPlanned(f"no experiment {name} in {place['results']}")
    experiment = project.experiments[name]
    image = known_data(name, data_set(experiment.dataset), project.datasets).shape
    first = experiment.architecture.weight_layers[0]
    if first.shape[1:] != (prod(image),):
        raise NotPlanned(f"the first layer of {name} is not dense")
    runs = list(plan.runs(name))
    return {
        "experiment": name,
        "image": list(image),
        "layer": first.weight,
        "runs": [plan.lane(run) for run in runs],
        "reads": {plan.manifest(plan.job(run)): [MASKS] for run in runs},
    }


def run(job: Job, out: Path) -> Written:
    """Write pixels.parquet: a row for each run and pixel.

    weights: how many of the layer's weights on the pixel, in all channels, the mask keeps.
    percent_remaining: of the whole network's weights, in the run.
    """
    import pandas as pd

    from lth_core.tables.distributions import percent_remaining
    from lth_core.tables.parquet import environment, write_table

    tables = []
    for lane in job["runs"]:
        masks = load_lane(Path(lane["folder"], MASKS), lane["trial"], lane["replicate"])
        weights = masks[job["layer"]].sum(0).reshape(job["image"]).sum(0)
        row, column = np.indices(weights.shape)
        tables.append(
            pd.DataFrame(
                {
                    "experiment": job["experiment"],
                    **{key: lane[key] for key in ("round", "trial", "replicate")},
                    "percent_remaining": percent_remaining(masks),
                    "row": row.ravel(),
                    "column": column.ravel(),
                    "weights": weights.ravel(),
                }
            )
        )
    digest = write_table(pd.concat(tables, ignore_index=True), out / PIXELS)
    return Written({PIXELS: digest}, environment())
