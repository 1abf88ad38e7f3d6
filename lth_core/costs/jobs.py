"""Jobs of all kinds as a plan sees them: their cost, and what determines their speed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import NamedTuple

from lth_core.arms.loops import loop_of
from lth_core.costs.run import Cost, cost_of_run, cost_of_xor_run, examples_evaluated
from lth_core.networks.shapes import weight_layers
from lth_core.provenance.manifest import canonical_json
from lth_core.pruning.count import weights_remaining
from lth_core.runs.plan import Plan, TrainingJob
from lth_core.runs.run import Run

_TRAINING = ("optimizer", "batch_size", "augmentation", "precision")


class Setup(NamedTuple):
    """What decides how fast a run is: the engine; network and training, as JSON."""

    engine: str
    network: str
    training: str


@dataclass(frozen=True)
class PlannedJob:
    """One training job.

    folder: where its files lie, below the folder of all runs. cost: of all its runs, which
    are equal. examples: that one run evaluates in all. share: of the weights that it trains.
    """

    experiment: str
    folder: PurePosixPath
    cost: Cost
    examples: int
    share: float
    setup: Setup


def planned(plan: Plan, jobs: Iterable[TrainingJob]) -> list[PlannedJob]:
    """Return the training jobs of `plan` as planned ones."""
    rounds: dict[tuple[str, int], PlannedJob] = {}  # what all jobs of a round have in common
    found = []
    for job in jobs:
        key = (job.experiment, job.round)
        if key not in rounds:
            rounds[key] = _of_one_run(plan, job)
        one = rounds[key]
        runs = plan.project.xor.trials if one.setup.engine == "xor" else len(job.runs)
        found.append(replace(one, folder=job.folder, cost=one.cost.times(runs)))
    return found


def _of_one_run(plan: Plan, job: TrainingJob) -> PlannedJob:
    """Return `job` as if it had its first run alone."""
    run = job.runs[0]
    settings, engine = plan.settings(run), plan.engine(run.experiment)
    if engine == "xor":
        width = {key: settings[key] for key in ("trials", "units")}
        setup = Setup("xor", _text(settings["network"]), _text(width))
        return PlannedJob(job.experiment, job.folder, cost_of_xor_run(settings), 0, 1.0, setup)
    training = {key: settings["training"][key] for key in _TRAINING}
    setup = Setup(engine, _text(settings["network"]), _text(training))
    datasets = plan.project.datasets
    examples = examples_evaluated(settings["dataset"], settings["training"], datasets)
    cost = cost_of_run(settings, datasets)
    # Another loop prunes on the way: at most it trains the dense network to the end.
    share = share_remaining(plan, run) if loop_of(settings["mask"]["source"]) == "train" else 1.0
    return PlannedJob(job.experiment, job.folder, cost, examples, share, setup)


def share_remaining(plan: Plan, run: Run) -> float:
    """Return the share of its weights that `run` trains, from 0 to 1."""
    settings = plan.settings(run)
    mask, layers = settings["mask"], weight_layers(settings["network"])
    ticket = plan.project.experiments[run.experiment].arm.mask.taken_from
    if ticket is not None:
        replicate = run.replicate if plan.project.experiments[ticket].replicates > 1 else 0
        return share_remaining(plan, run._replace(experiment=ticket, replicate=replicate))
    if "keep" not in mask:
        return 1.0
    kept = weights_remaining(layers, mask["keep"], mask["scope"])
    return kept / sum(layer.size for layer in layers)


def _text(value: object) -> str:
    return canonical_json(value).decode()
