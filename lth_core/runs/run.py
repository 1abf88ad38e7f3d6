"""A run: the training of one network, what it starts from, and the settings that determine it."""

from typing import Any, NamedTuple

from lth_core.arms.source import Parent
from lth_core.config.checks import data_set
from lth_core.config.experiment import Experiment
from lth_core.config.load import Project


class Run(NamedTuple):
    """The training of one network; of the 2018 version's XOR, of those of all trials at once."""

    experiment: str
    round: int
    trial: int
    replicate: int


class ParentRun(NamedTuple):
    """A run that another one starts from, and the files that are read of it."""

    run: Run
    files: tuple[str, ...]


def parents(run: Run, project: Project) -> dict[str, ParentRun]:
    """Return the runs that `run` starts from, by role, as its arm names them."""
    named = project.experiments[run.experiment].arm.parents(run.round)
    return {role: ParentRun(_run_of(parent, run, project), parent.files)
            for role, parent in named.items()}  # fmt: skip


def _run_of(parent: Parent, run: Run, project: Project) -> Run:
    name = parent.experiment or run.experiment
    several = project.experiments[name].replicates > 1
    return Run(name, parent.round, run.trial, run.replicate if several else 0)


def settings(experiment: Experiment, round_: int, project: Project) -> dict[str, Any]:
    """Return all that determines the runs of one round, but for trial and parents.

    Plain values, without keys at their defaults (lth_core/training/defaults.py puts them back):
    these go to the job and, hashed, into the identity of its runs.
    """
    arm = experiment.arm
    dataset = project.datasets[experiment.dataset].model_dump(exclude_defaults=True)
    examples = project.scale.of(experiment.architecture).examples
    if examples is not None:
        dataset["examples"] = examples
    found = {
        "network": experiment.architecture.model_dump(exclude_defaults=True),
        "dataset": {"name": data_set(experiment.dataset), **dataset},
        "initialisation": experiment.initialisation.model_dump(exclude_defaults=True),
        "training": experiment.training.model_dump(exclude_defaults=True),
        "mask": _mask(experiment, round_),
        "weights": arm.weights.told(round_),
        "round": round_,
        "seed": experiment.seed,
    }
    if round_ == 0 and arm.weights.snapshot is not None:
        found["snapshot"] = arm.weights.snapshot
    if round_ and arm.distillation is not None:
        found["distillation"] = arm.distillation.told()
    return found


def _mask(experiment: Experiment, round_: int) -> dict[str, Any]:
    mask, pruning = experiment.arm.mask, experiment.pruning
    if round_ == 0 and mask.dense_first:
        return {"source": "dense"}
    told = {"source": mask.source, **mask.told()}
    if mask.prunes:
        layers = experiment.architecture.weight_layers
        rates = {str(layer.kind): pruning.rates[layer.kind] for layer in layers}
        told |= {"keep": mask.keep(rates, round_), "scope": pruning.scope}
    return told
