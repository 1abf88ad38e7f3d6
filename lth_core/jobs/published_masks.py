"""The published masks of an experiment's runs, one bit per weight.

Only masks that rest on trained weights: all others are drawn again from the seed, or are those of
another experiment.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load_file, save_file

from lth_core.errors import NotPlanned
from lth_core.files import atomic_path, sha256_file
from lth_core.jobs.kind import Job, Place, Written
from lth_core.networks.shapes import Layer, Masks
from lth_core.training.checkpoint import lane_key, load_lane

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan
    from lth_core.runs.run import Run

MANIFEST = "{results}/masks/{experiment}/manifest.json"
MASKS = "masks.safetensors"


def job(plan: "Plan", place: Place) -> Job:
    """Return the copy of an experiment's masks. Raises NotPlanned where none rests on training.

    runs: the folder, round, trial and replicate of each.
    """
    name, project = place["experiment"], plan.project
    if place["results"] != f"results/published/{project.config.scale}" or (
        name not in project.experiments
    ):
        raise NotPlanned(f"no experiment {name} in {place['results']}")
    from lth_core.arms.loops import loop_of

    runs = [
        run
        for run in plan.runs(name)
        if _rests_on_training(plan, run) or loop_of(plan.settings(run)["mask"]["source"]) != "train"
    ]
    if not runs:
        raise NotPlanned(f"no mask of {name} rests on trained weights")
    return {
        "experiment": name,
        "runs": [plan.lane(run) for run in runs],
        "reads": {plan.manifest(plan.job(run)): [MASKS] for run in runs},
    }


def _rests_on_training(plan: "Plan", run: "Run") -> bool:
    from lth_core.arms.source import WEIGHTS

    mask = plan.project.experiments[run.experiment].arm.mask
    return any(WEIGHTS in parent.files for parent in mask.parents(run.round).values())


def run(job: Job, out: Path) -> Written:
    """Write the masks of all runs into one file."""
    packed = {}
    for run in job["runs"]:
        lane = (run["trial"], run["replicate"])
        for name, mask in load_lane(Path(run["folder"], MASKS), *lane).items():
            packed[_key(run["round"], *lane, name)] = np.packbits(mask)
    with atomic_path(out / MASKS) as temporary:
        save_file(packed, temporary)
    return Written({MASKS: sha256_file(out / MASKS)})


def unpacked(path: Path, layers: list[Layer], round_: int, trial: int, replicate: int) -> Masks:
    """Return the masks of one run from a file that `run` has written: bool, in the weights' shape.

    Raises KeyError, naming the tensor, where the file does not hold them.
    """
    tensors = load_file(path)
    packed = {la.weight: tensors[_key(round_, trial, replicate, la.weight)] for la in layers}
    return {
        la.weight: np.unpackbits(packed[la.weight], count=la.size).reshape(la.shape).astype(bool)
        for la in layers
    }


def _key(round_: int, trial: int, replicate: int, name: str) -> str:
    return f"round{round_}/{lane_key(trial, replicate, name)}"
