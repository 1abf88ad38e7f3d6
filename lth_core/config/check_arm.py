"""Checks that an arm fits its experiment and those that it reads."""

from collections.abc import Mapping
from typing import Any

from lth_core.arms.loops import loop_of
from lth_core.config.errors import ConfigError, unknown_name
from lth_core.config.experiment import Experiment


def check_rates(where: str, written: Mapping[str, Any], experiment: Experiment) -> None:
    """Refuse a rate that an experiment sets, but its network or its mask has no use for.

    written: the experiment's own entry; what it inherits may be of use to others.
    """
    rates = written.get("pruning", {})
    kinds = {layer.kind for layer in experiment.architecture.weight_layers}
    unused = sorted(
        key for key, rate in rates.items() if key != "scope" and rate and key not in kinds
    )
    if unused:
        raise ConfigError(
            f"{where}.pruning.{unused[0]}: found {rates[unused[0]]}, but the network has only"
            f" layers of the kinds {', '.join(sorted(kinds))}"
        )


def check_arm(where: str, experiment: Experiment, experiments: Mapping[str, Experiment]) -> None:
    """Refuse an arm whose sources don't go together, or read what no run leaves.

    where: file and key of the experiment, for the ConfigError.
    """
    mask, weights = experiment.arm.mask, experiment.arm.weights
    if mask.prunes:
        _check_rates(f"{where}.pruning", experiment)
    last = experiment.round_range[-1]
    if mask.sizes is not None and last > len(mask.sizes):
        raise ConfigError(
            f"{where}.rounds: {experiment.rounds} needs {last} sizes, but arm.mask lists"
            f" {len(mask.sizes)}"
        )
    if weights.with_masks and mask.source not in weights.with_masks:
        raise ConfigError(
            f"{where}.arm.weights.source: `{weights.source}` needs the mask source"
            f" {' or '.join(f'`{name}`' for name in weights.with_masks)}, found `{mask.source}`"
        )
    if loop_of(mask.source) != "train" and not experiment.training.iterations:
        raise ConfigError(
            f"{where}.training.iterations: found 0, should be at least 1, since the mask source"
            f" `{mask.source}` prunes while training"
        )
    _check_distillation(f"{where}.arm.distillation", experiment)
    if mask.source == "supermask" and experiment.round_range != range(1):
        raise ConfigError(
            f"{where}.rounds: found {experiment.rounds}, should be 0, since the mask source"
            " `supermask` finds its size while training"
        )
    _check_snapshot(where, experiment)
    for key, name in experiment.arm.experiments.items():
        _check_partner(f"{where}.arm.{key}", name, experiment, experiments)
    _check_rounds(where, experiment, experiments)


def _check_distillation(where: str, experiment: Experiment) -> None:
    mask, augmentation = experiment.arm.mask.source, experiment.training.augmentation
    if experiment.arm.distillation is None:
        return
    if loop_of(mask) != "train":
        raise ConfigError(
            f"{where}: should be left out, since the mask source `{mask}` has a training loop of"
            " its own"
        )
    if augmentation != "none":
        raise ConfigError(
            f"{where}: needs training.augmentation `none`, found `{augmentation}`: the teacher sees"
            " each image once"
        )


def _check_snapshot(where: str, experiment: Experiment) -> None:
    iteration, training = experiment.arm.weights.snapshot, experiment.training
    if iteration is None:
        return
    if iteration % training.evaluate_every or iteration > training.iterations:
        raise ConfigError(
            f"{where}.arm.weights.iteration: found {iteration}, should be a multiple of"
            f" training.evaluate_every ({training.evaluate_every}) up to {training.iterations}"
        )


def _check_rounds(
    where: str, experiment: Experiment, experiments: Mapping[str, Experiment]
) -> None:
    """Refuse rounds that start from one that is not run."""
    for name, rounds in _rounds_read(experiment).items():
        run = (experiment if name is None else experiments[name]).round_range
        if rounds <= set(run):
            continue
        if name is None:
            raise ConfigError(
                f"{where}.rounds: {experiment.rounds} leaves out round {min(rounds)}, which later"
                f" rounds start from; should be {min(rounds)}-{experiment.round_range[-1]}"
            )
        key = next(key for key, value in experiment.arm.experiments.items() if value == name)
        raise ConfigError(
            f"{where}.arm.{key}: {name!r} has the rounds {experiments[name].rounds}, but"
            f" {min(rounds)}-{max(rounds)} are needed"
        )


def _rounds_read(experiment: Experiment) -> dict[str | None, set[int]]:
    """Return the rounds that those of an experiment start from, by experiment; None: its own."""
    read: dict[str | None, set[int]] = {}
    rounds = list(experiment.round_range)
    for round_ in rounds:  # which grows by what its own rounds start from
        for parent in experiment.arm.parents(round_).values():
            read.setdefault(parent.experiment, set()).add(parent.round)
            if parent.experiment is None and parent.round not in rounds:
                rounds.append(parent.round)
    return read


def _check_rates(where: str, experiment: Experiment) -> None:
    pruning = experiment.pruning
    kinds = {layer.kind for layer in experiment.architecture.weight_layers}
    used = {rate for kind, rate in pruning.rates.items() if rate and kind in kinds}
    if not used:
        raise ConfigError(
            f"{where}: the rate of every kind of layer that the network has"
            f" ({', '.join(sorted(kinds))}) is 0, so nothing would be pruned"
        )
    if pruning.scope == "global" and len(used) > 1:
        raise ConfigError(
            f"{where}: scope `global` needs one rate, found {sorted(used)}; kinds of layer that"
            " are not pruned have the rate 0"
        )


def _check_partner(
    where: str, name: str, experiment: Experiment, experiments: Mapping[str, Experiment]
) -> None:
    """Refuse another experiment whose runs are of another network, or too few."""
    if name not in experiments:
        raise unknown_name(where, name, experiments, "experiment")
    partner = experiments[name]
    if partner.architecture != experiment.architecture:
        raise ConfigError(f"{where}: {name!r} has another architecture, which doesn't fit")
    if partner.trials < experiment.trials:
        raise ConfigError(
            f"{where}: {name!r} has {partner.trials} trials, but {experiment.trials} are needed"
        )
    if partner.replicates not in (1, experiment.replicates):
        raise ConfigError(
            f"{where}: {name!r} has {partner.replicates} replicates; it should have 1 or"
            f" {experiment.replicates}"
        )
    masks_from = experiment.arm.mask.experiments.values()
    if name in masks_from and partner.arm.mask.taken_from is not None:
        raise ConfigError(f"{where}: {name!r} takes its own mask from elsewhere; name that one")
