"""The runs of the 2018 version's XOR experiments: one trains the networks of all trials."""

from typing import Any

from lth_core.config.xor import Xor
from lth_core.runs.run import ParentRun, Run

FILES = ("weights.safetensors", "masks.safetensors")


def rounds(xor: Xor, experiment: str) -> range:
    """Return the rounds of an experiment, the dense one first."""
    return range(len(xor.experiments[experiment].units))


def parents(run: Run, xor: Xor) -> dict[str, ParentRun]:
    """Return the run whose networks `run` prunes; none of a dense one."""
    pruning = xor.experiments[run.experiment].pruning
    if pruning is None or run.round == 0:
        return {}
    before = run._replace(round=run.round - 1 if pruning.iterative else 0)
    return {"trained": ParentRun(before, FILES)}


def settings(run: Run, xor: Xor) -> dict[str, Any]:
    """Return all that determines a run but for its parent; see lth_core.runs.run.settings."""
    experiment = xor.experiments[run.experiment]
    found: dict[str, Any] = {
        "network": experiment.architecture.model_dump(exclude_defaults=True),
        "initialisation": xor.initialisation.model_dump(exclude_defaults=True),
        "training": xor.training.model_dump(),
        "seed": experiment.seed,
        "trials": xor.trials,
        "round": run.round,
        "units": experiment.units[run.round],
    }
    if experiment.pruning is not None and run.round > 0:
        found["score"] = experiment.pruning.score
    return found
