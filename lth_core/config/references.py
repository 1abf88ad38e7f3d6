"""Whether the pieces of `config/` fit together: names, shapes, rounds and rates."""

import re
from collections.abc import Mapping
from math import prod
from pathlib import Path

from lth_core.config.architecture import Architecture
from lth_core.config.errors import ConfigError, unknown_name
from lth_core.config.experiments import Raw
from lth_core.config.figures import (
    ArchitectureTable,
    FigureSpec,
    LearningCurves,
    PruningCurves,
    XorTable,
)
from lth_core.config.models import Dataset, Experiment
from lth_core.data.split import CLASSES, EXAMPLE_SHAPES
from lth_core.networks.shapes import weight_layers


def check_datasets(folder: Path, datasets: Mapping[str, Dataset]) -> None:
    """Refuse data sets that the code does not know."""
    for name in datasets:
        if data_set(name) not in EXAMPLE_SHAPES:
            raise unknown_name(f"{folder / name}.yaml", data_set(name), EXAMPLE_SHAPES, "data set")


def data_set(dataset: str) -> str:
    """Return the data set of which a file of config/datasets/ is a variant: `mnist` of `mnist_l2`.

    A name without an underscore is the data set itself.
    """
    return dataset.partition("_")[0]


def check_experiment(
    entry: Raw,
    experiment: Experiment,
    experiments: Mapping[str, Experiment],
    datasets: Mapping[str, Dataset],
) -> None:
    """Refuse an experiment that names something that isn't there or doesn't fit."""
    where = f"{entry.file}: {entry.key}"
    if experiment.dataset not in datasets:
        raise unknown_name(f"{where}.dataset", experiment.dataset, datasets, "data set")
    shape, size = EXAMPLE_SHAPES[data_set(experiment.dataset)], experiment.architecture.input
    if list(shape) != size and [prod(shape)] != size:
        raise ConfigError(
            f"{where}.architecture.input: {size} does not fit {experiment.dataset}, whose"
            f" examples are {list(shape)}"
        )
    if experiment.architecture.classes != CLASSES:
        raise ConfigError(
            f"{where}.architecture.classes: found {experiment.architecture.classes}, but"
            f" {experiment.dataset} has {CLASSES} classes"
        )
    if experiment.training.augmentation != "none" and len(size) != 3:
        raise ConfigError(
            f"{where}.training.augmentation: {experiment.training.augmentation!r} needs images"
            f" (channels, height, width), but the architecture's input is {size}"
        )
    _check_arm(where, experiment, experiments)


def _check_arm(where: str, experiment: Experiment, experiments: Mapping[str, Experiment]) -> None:
    mask, rounds = experiment.arm.mask, experiment.round_range
    if mask.source in ("imp", "oneshot", "random", "magnitude_at_init"):
        _check_rates(f"{where}.pruning", experiment)
    if mask.source == "oneshot" and rounds[-1] > len(mask.shares):
        raise ConfigError(
            f"{where}.rounds: {experiment.rounds} needs {rounds[-1]} shares, but"
            f" arm.mask.shares has {len(mask.shares)}"
        )
    own_chain = mask.source == "oneshot" or (mask.source == "imp" and mask.chain is None)
    if own_chain and rounds[0] != 0:
        raise ConfigError(
            f"{where}.rounds: {experiment.rounds} leaves out round 0, which {mask.source} prunes;"
            f" should be 0-{rounds[-1]}"
        )
    if mask.source == "imp" and mask.chain is not None:
        _check_partner(f"{where}.arm.mask.chain", mask.chain, experiment, experiments)
    if mask.source in ("of", "shuffled"):
        _check_partner(f"{where}.arm.mask.experiment", mask.experiment, experiment, experiments)
    _check_weights(f"{where}.arm.weights", experiment)


# Weight sources that make sense with some mask sources only.
_MASKS_OF_WEIGHTS = {
    "continue": ("imp",),
    "rearranged": ("shuffled",),
    "rewind": ("imp", "oneshot"),
}


def _check_weights(where: str, experiment: Experiment) -> None:
    mask, weights = experiment.arm.mask, experiment.arm.weights
    allowed = _MASKS_OF_WEIGHTS.get(weights.source)
    if allowed is not None and mask.source not in allowed:
        raise ConfigError(
            f"{where}.source: `{weights.source}` needs the mask source"
            f" {' or '.join(f'`{name}`' for name in allowed)}, found `{mask.source}`"
        )
    if weights.source != "rewind":
        return
    training = experiment.training
    if weights.iteration % training.evaluate_every or weights.iteration > training.iterations:
        raise ConfigError(
            f"{where}.iteration: found {weights.iteration}, should be a multiple of"
            f" training.evaluate_every ({training.evaluate_every}) up to {training.iterations}"
        )
    if 0 not in experiment.round_range:
        raise ConfigError(f"{where}.source: `rewind` needs round 0, whose run it goes back to")


def _check_rates(where: str, experiment: Experiment) -> None:
    pruning = experiment.pruning
    kinds = {layer.kind for layer in weight_layers(experiment.architecture.model_dump())}
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
    """Refuse another experiment's masks where they are for another network or don't reach."""
    if name not in experiments:
        raise unknown_name(where, name, experiments, "experiment")
    partner = experiments[name]
    if partner.architecture != experiment.architecture:
        raise ConfigError(f"{where}: {name!r} has another architecture, so its masks don't fit")
    if partner.trials < experiment.trials:
        raise ConfigError(
            f"{where}: {name!r} has {partner.trials} trials, but {experiment.trials} are needed"
        )
    if partner.replicates not in (1, experiment.replicates):
        raise ConfigError(
            f"{where}: {name!r} has {partner.replicates} replicates; it should have 1 or"
            f" {experiment.replicates}"
        )
    if partner.arm.mask.source in ("of", "shuffled"):
        raise ConfigError(f"{where}: {name!r} takes its own mask from elsewhere; name that one")
    first, last = experiment.round_range[0], experiment.round_range[-1]
    if experiment.arm.mask.source == "imp":
        first, last = max(first - 1, 0), last - 1
    if first not in partner.round_range or last not in partner.round_range:
        raise ConfigError(
            f"{where}: {name!r} has the rounds {partner.rounds}, but {first}-{last} are needed"
        )


def check_figure(
    where: str,
    name: str,
    figure: FigureSpec,
    experiments: Mapping[str, Experiment],
    architectures: Mapping[str, Architecture],
) -> None:
    """Refuse a figure of experiments, rounds or iterations that there are not, or a wrong name."""
    if not re.fullmatch(r"fig\d+|v1_(fig|tab)\d+", name, re.ASCII):
        raise ConfigError(f"{where}: found the name {name!r}, should be `fig` and a number: fig101")
    if isinstance(figure, XorTable):
        return  # Of other experiments: see check_xor_table.
    where = f"{where}.{name}"
    named = list(figure.experiments)
    if isinstance(figure, ArchitectureTable):
        named += [column.experiment for column in figure.networks]
        for column in figure.networks:
            if column.architecture is not None and column.architecture not in architectures:
                raise unknown_name(where, column.architecture, architectures, "architecture")
    for experiment in named:
        if experiment not in experiments:
            raise unknown_name(where, experiment, experiments, "experiment")
    if isinstance(figure, LearningCurves):
        _check_rounds(where, figure, experiments)
    if isinstance(figure, PruningCurves):
        _check_iterations(where, figure, experiments)


def _check_rounds(
    where: str, figure: LearningCurves, experiments: Mapping[str, Experiment]
) -> None:
    for series in (series for panel in figure.panels for series in panel.series):
        if series.round not in experiments[series.experiment].round_range:
            raise ConfigError(
                f"{where}: round {series.round} of {series.experiment}, which has the"
                f" rounds {experiments[series.experiment].rounds}"
            )


def _check_iterations(
    where: str, figure: PruningCurves, experiments: Mapping[str, Experiment]
) -> None:
    """Refuse a panel that is read where one of its experiments is not evaluated."""
    for panel in figure.panels:
        if panel.at is None:
            continue
        trainings = {
            line.experiment: experiments[line.experiment].training for line in figure.shown(panel)
        }
        for name, training in trainings.items():
            every, last = training.evaluate_every, training.iterations
            if panel.at > last or (panel.at % every and panel.at != last):
                raise ConfigError(
                    f"{where}: panel {panel.name}: at: found {panel.at}, should be a multiple of"
                    f" {every} up to {last}, or {last}: {name} is evaluated there"
                )
        if len({(t.iterations, t.evaluate_every) for t in trainings.values()}) > 1:
            raise ConfigError(
                f"{where}: panel {panel.name}: at: its experiments should have the same"
                " training.iterations and training.evaluate_every"
            )
