"""Whether the pieces of `config/` fit together: names, shapes, rounds and rates."""

import re
from collections.abc import Mapping
from math import prod
from pathlib import Path

from lth_core.config.architecture import Architecture
from lth_core.config.check_arm import check_arm
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
from lth_core.data import sets


def check_datasets(folder: Path, datasets: Mapping[str, Dataset]) -> None:
    """Refuse data sets that the code does not know, and variants that their data do not allow."""
    for name, dataset in datasets.items():
        where, found = f"{folder / name}.yaml", data_set(name)
        if found not in sets.names():
            raise unknown_name(where, found, sets.names(), "data set")
        last, (_, height, width) = sets.of(found).classes - 1, sets.of(found).shape
        if dataset.classes and dataset.classes[-1] > last:
            raise ConfigError(
                f"{where}: classes: found {dataset.classes[-1]}, but {found} has labels 0 to {last}"
            )
        if height % dataset.blur or width % dataset.blur:
            raise ConfigError(
                f"{where}: blur: found {dataset.blur}, should divide {found}'s images of {height} x"
                f" {width} pixels"
            )


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
    known, size = sets.of(data_set(experiment.dataset)), experiment.architecture.input
    flat, image = [prod(known.shape)], list(known.shape)
    if size not in (flat, image):
        raise ConfigError(
            f"{where}.architecture.input: {size} does not fit {experiment.dataset}, whose"
            f" examples are {flat} or {image}"
        )
    if experiment.architecture.classes != known.classes:
        raise ConfigError(
            f"{where}.architecture.classes: found {experiment.architecture.classes}, but"
            f" {experiment.dataset} has {known.classes} classes"
        )
    if experiment.training.augmentation != "none" and len(size) != 3:
        raise ConfigError(
            f"{where}.training.augmentation: {experiment.training.augmentation!r} needs images"
            f" (channels, height, width), but the architecture's input is {size}"
        )
    check_arm(where, experiment, experiments)


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
