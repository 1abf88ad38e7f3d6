"""Whether the pieces of `config/` fit together: names, shapes, rounds and rates."""

import re
from collections.abc import Mapping
from math import prod
from pathlib import Path

from lth_core.config.errors import ConfigError, unknown_name
from lth_core.config.experiments import Raw
from lth_core.config.figures import FigureSpec, LearningCurves
from lth_core.config.models import Dataset, Experiment, Pruning
from lth_core.data.split import EXAMPLE_SHAPES


def check_datasets(folder: Path, datasets: Mapping[str, Dataset]) -> None:
    """Refuse data sets that the code does not know."""
    for name in datasets:
        if name not in EXAMPLE_SHAPES:
            raise unknown_name(f"{folder / name}.yaml", name, EXAMPLE_SHAPES, "data set")


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
    shape, size = EXAMPLE_SHAPES[experiment.dataset], experiment.architecture.input
    if list(shape) != size and [prod(shape)] != size:
        raise ConfigError(
            f"{where}.architecture.input: {size} does not fit {experiment.dataset}, whose"
            f" examples are {list(shape)}"
        )
    layer = experiment.architecture.untrainable_layer
    if layer is not None:
        raise ConfigError(
            f"{where}.architecture: the training engines cannot train a layer of type {layer} yet;"
            " dense, conv without batch norm and pools can be trained"
        )
    _check_arm(where, experiment, experiments)


def _check_arm(where: str, experiment: Experiment, experiments: Mapping[str, Experiment]) -> None:
    mask, rounds = experiment.arm.mask, experiment.round_range
    if mask.source in ("imp", "oneshot", "random", "magnitude_at_init"):
        _check_rates(f"{where}.pruning", experiment.pruning)
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
    if mask.source == "of":
        _check_partner(f"{where}.arm.mask.experiment", mask.experiment, experiment, experiments)
    if mask.source != "imp" and experiment.arm.weights.source == "continue":
        raise ConfigError(f"{where}.arm.weights.source: `continue` needs the mask source `imp`")


def _check_rates(where: str, pruning: Pruning) -> None:
    used = {rate for rate in pruning.rates.values() if rate}
    if not used:
        raise ConfigError(f"{where}: every rate is 0, so nothing would be pruned")
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
    if partner.arm.mask.source == "of":
        raise ConfigError(f"{where}: {name!r} takes its own mask from elsewhere; name that one")
    first, last = experiment.round_range[0], experiment.round_range[-1]
    if experiment.arm.mask.source == "imp":
        first, last = max(first - 1, 0), last - 1
    if first not in partner.round_range or last not in partner.round_range:
        raise ConfigError(
            f"{where}: {name!r} has the rounds {partner.rounds}, but {first}-{last} are needed"
        )


def check_figure(
    where: str, name: str, figure: FigureSpec, experiments: Mapping[str, Experiment]
) -> None:
    """Refuse a figure of experiments or rounds that there are not, or without a number."""
    if not re.fullmatch(r"fig\d+", name, re.ASCII):
        raise ConfigError(f"{where}: found the name {name!r}, should be `fig` and a number: fig101")
    for experiment in figure.experiments:
        if experiment not in experiments:
            raise unknown_name(f"{where}.{name}", experiment, experiments, "experiment")
    if isinstance(figure, LearningCurves):
        for series in (series for panel in figure.panels for series in panel.series):
            rounds = experiments[series.experiment].rounds
            if series.round not in experiments[series.experiment].round_range:
                raise ConfigError(
                    f"{where}.{name}: round {series.round} of {series.experiment}, which has the"
                    f" rounds {rounds}"
                )
