"""Whether a figure fits the experiments that it shows: names, rounds, iterations and layers."""

import re
from collections.abc import Mapping

from lth_core.config.architecture import Architecture
from lth_core.config.distribution_figures import Distributions
from lth_core.config.errors import ConfigError, unknown_name
from lth_core.config.figures import (
    ArchitectureTable,
    FigureSpec,
    LearningCurves,
    PruningCurves,
    XorTable,
)
from lth_core.config.models import Experiment
from lth_core.networks.shapes import weight_layers


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
    if isinstance(figure, Distributions):
        _check_histograms(where, figure, experiments[figure.experiment])


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


def _check_histograms(where: str, figure: Distributions, experiment: Experiment) -> None:
    """Refuse histograms of layers or groups that there are not, or without a dense network."""
    if experiment.round_range[0] != 0:
        raise ConfigError(
            f"{where}.experiment: {figure.experiment} has the rounds {experiment.rounds}, but"
            " histograms need round 0, the dense network"
        )
    layers = [layer.name for layer in weight_layers(experiment.architecture.model_dump())]
    if figure.quantity == "outgoing":
        layers = ["input", *layers[:-1]]
    for layer in (*(p.layer for p in figure.panels), *(s.layer for s in figure.series)):
        if layer is not None and layer not in layers:
            raise unknown_name(f"{where}: {figure.experiment}", layer, layers, "layer")
    split = figure.quantity in ("moved", "magnitude_change")
    for series in figure.series:
        if (series.group is not None) != split:
            raise ConfigError(
                f"{where}: series {series.label!r}: `group` belongs to the quantities moved and"
                f" magnitude_change, and only there; found {figure.quantity}"
            )
