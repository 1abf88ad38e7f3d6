"""Train one round of an XOR experiment of the 2018 version, the networks of all trials at once.

Leaves weights.safetensors, masks.safetensors and metrics.parquet. Tensors have the trials on their
first axis; what belongs to a pruned unit is zero.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load_file

from lth_core.errors import NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs.kind import Job, Place, Written
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Weights, weight_layers
from lth_core.training.checkpoint import save
from lth_core.training.defaults import completed
from lth_core.xor.prune import SCORES, keep_highest, with_pruned, without_pruned
from lth_core.xor.train import train

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/runs/{experiment}/round_{round}/{lanes}/manifest.json"
WEIGHTS, MASKS, METRICS = "weights.safetensors", "masks.safetensors", "metrics.parquet"
# The one mask: which hidden units there are, bool (trials, units).
UNITS = "fc1.units"


def job(plan: "Plan", place: Place) -> Job:
    """Return the job of XOR networks at `place`. Raises NotPlanned."""
    found = plan.job_at(place)
    if not plan.is_xor(found.runs[0].experiment):
        raise NotPlanned(f"{found.folder} is not a job of XOR networks")
    return plan.specification(found)


def run(job: Job, out: Path) -> Written:
    """Train all trials of `job`."""
    from lth_core.tables.parquet import environment, write_table
    from lth_core.xor.metrics import metrics_table

    initial, units = _initial(job), _units(job)
    training = job["training"]
    networks = train(
        without_pruned(initial, units), training["iterations"], training["learning_rate"]
    )
    metrics = metrics_table(job, networks.logits())
    save(out / WEIGHTS, with_pruned(networks.weights, units))
    save(out / MASKS, {UNITS: units})
    write_table(metrics, out / METRICS)
    print(
        f"{out.parent.parent.name}, {out.parent.name.replace('_', ' ')}: {job['trials']:,} networks"
        f" of {job['units']} units, median loss {metrics['loss'].median():.2g}"
    )
    digests = {name: sha256_file(out / name) for name in (WEIGHTS, MASKS, METRICS)}
    return Written(digests, environment())


def _initial(job: Job) -> Weights:
    """Return theta_0 of all trials."""
    layers = weight_layers(job["network"])
    initialisation = completed(job)["initialisation"]
    trials = [
        initial_weights(layers, initialisation, job["seed"], trial)
        for trial in range(job["trials"])
    ]
    return {name: np.stack([weights[name] for weights in trials]) for name in trials[0]}


def _units(job: Job) -> np.ndarray:
    """Return the units that the job trains, (trials, units)."""
    if "trained" not in job["parents"]:
        return np.ones((job["trials"], job["units"]), dtype=bool)
    folder = Path(job["parents"]["trained"]["folder"])
    weights, units = load_file(folder / WEIGHTS), load_file(folder / MASKS)[UNITS]
    return keep_highest(SCORES[job["score"]](weights), units, job["units"])
