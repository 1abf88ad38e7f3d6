"""A run, and the settings that determine its result."""

from typing import Any, NamedTuple

from lth_core.config.load import Project
from lth_core.config.models import Experiment
from lth_core.config.references import data_set
from lth_core.pruning.count import keep_after_rounds, keep_in_one_shot


class Run(NamedTuple):
    """The training of one network."""

    experiment: str
    round: int
    trial: int
    replicate: int


def parents(run: Run, project: Project) -> dict[str, Run]:
    """Return the runs whose results `run` starts from, by role.

    `trained`: weights and mask of a run that is pruned or trained on. `ticket`: the mask
    that is taken over. `rewound`: the dense run whose early weights are the starting ones.
    """
    experiment = project.experiments[run.experiment]
    mask = experiment.arm.mask
    if mask.source in ("of", "shuffled"):
        return {"ticket": _other(run, mask.experiment, run.round, project)}
    if run.round == 0:
        return {}
    found = {}
    if mask.source == "oneshot":
        found["trained"] = run._replace(round=0)
    if mask.source == "imp":
        chain = mask.chain or run.experiment
        found["trained"] = _other(run, chain, run.round - 1, project)
    if experiment.arm.weights.source == "rewind":
        found["rewound"] = run._replace(round=0)
    return found


def _other(run: Run, experiment: str, round_: int, project: Project) -> Run:
    several = project.experiments[experiment].replicates > 1
    return Run(experiment, round_, run.trial, run.replicate if several else 0)


def settings(experiment: Experiment, round_: int, project: Project) -> dict[str, Any]:
    """Return all that determines the runs of one round, but for trial and parents.

    Plain values only: these go to the job and, hashed, into the identity of its runs.
    """
    training = experiment.training
    constants: dict[str, tuple[str, ...]] = {
        "adam": ("beta1", "beta2", "epsilon"),
        "momentum": ("momentum",),
        "sgd": (),
    }
    # What the optimiser doesn't use doesn't tell two runs apart.
    unused = {name for names in constants.values() for name in names}
    unused -= set(constants[training.optimizer])
    return {
        "network": experiment.architecture.model_dump(),
        "dataset": {
            "name": data_set(experiment.dataset),
            **project.datasets[experiment.dataset].model_dump(),
            "examples": project.scale.examples,
        },
        "initialisation": experiment.initialisation.model_dump(),
        "training": training.model_dump(exclude=unused),
        "mask": _mask(experiment, round_),
        "weights": _weights(experiment, round_),
        "snapshot": _snapshot(experiment, round_),
        "round": round_,
        "seed": experiment.seed,
    }


def _mask(experiment: Experiment, round_: int) -> dict[str, Any]:
    mask, pruning = experiment.arm.mask, experiment.pruning
    if mask.source in ("of", "shuffled"):
        return {"source": mask.source}
    if round_ == 0 or mask.source == "dense":
        return {"source": "dense"}
    if mask.source == "oneshot":
        keep = keep_in_one_shot(pruning.rates, mask.shares[round_ - 1])
    else:
        keep = keep_after_rounds(pruning.rates, round_)
    return {"source": mask.source, "keep": keep, "scope": pruning.scope}


def _weights(experiment: Experiment, round_: int) -> dict[str, Any]:
    weights = experiment.arm.weights
    if round_ == 0 and weights.source in ("continue", "rewind"):
        return {"source": "original"}
    if weights.source == "rewind":
        return {"source": "rewind"}
    return weights.model_dump()


def _snapshot(experiment: Experiment, round_: int) -> int | None:
    """Return the iteration at which a dense run keeps its weights for later rounds."""
    weights = experiment.arm.weights
    return weights.iteration if weights.source == "rewind" and round_ == 0 else None
