"""Loads all of `config/`, checks it and applies the scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lth_core.config.errors import ConfigError, from_validation, unknown_name
from lth_core.config.experiments import (
    Raw,
    dropped_points,
    read_raw,
    resolve,
    scaled,
    validate,
)
from lth_core.config.figures import Figures, FigureSpec
from lth_core.config.files import named_files, read_mapping
from lth_core.config.models import Architecture, Config, Dataset, Experiment, Scale
from lth_core.data.split import EXAMPLE_SHAPES

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Project:
    """Everything that `config/` says, checked.

    experiments are at the chosen scale, paper_experiments as published. A figure keeps
    only the sweep points that the scale has; dropped names those that it leaves out.
    """

    config: Config
    scale: Scale
    datasets: Mapping[str, Dataset]
    architectures: Mapping[str, Architecture]
    experiments: Mapping[str, Experiment]
    paper_experiments: Mapping[str, Experiment]
    figures: Mapping[str, FigureSpec]
    dropped: frozenset[str]


def load(folder: Path, settings: Mapping[str, Any] | None = None) -> Project:
    """Return the checked project in `folder`.

    settings: what config.yaml says after Snakemake's `--config`; read from the file if
    None. Raises ConfigError for the first file in which something is wrong.
    """
    main = folder / "config.yaml"
    config = _validated(Config, main, read_mapping(main) if settings is None else dict(settings))
    scales = _folder(Scale, folder / "scales")
    if config.scale not in scales:
        raise unknown_name(f"{main}: scale", config.scale, scales, "scale")
    scale = scales[config.scale]
    architectures = _folder(Architecture, folder / "architectures")
    datasets = _folder(Dataset, folder / "datasets")

    raw = read_raw(folder / "experiments")
    paper = {
        name: validate(entry, resolve(name, raw), architectures) for name, entry in raw.items()
    }
    for name, experiment in paper.items():
        _check_references(raw[name], experiment, paper, datasets)
    dropped = dropped_points(raw, scale)
    kept = {
        name: scaled(experiment, scale) for name, experiment in paper.items() if name not in dropped
    }
    figures = _figures(folder / "figures.yaml", paper)
    return Project(
        config=config,
        scale=scale,
        datasets=datasets,
        architectures=architectures,
        experiments={name: _within_source(e, kept) for name, e in kept.items()},
        paper_experiments=paper,
        figures=figures,
        dropped=frozenset(dropped),
    )


def _validated(model: type[Model], file: Path, value: Any, prefix: str = "") -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise from_validation(file, prefix, error, model) from None


def _folder(model: type[Model], folder: Path) -> dict[str, Model]:
    files = named_files(folder)
    return {name: _validated(model, path, read_mapping(path)) for name, path in files.items()}


def _figures(path: Path, experiments: Mapping[str, Experiment]) -> dict[str, FigureSpec]:
    figures = _validated(Figures, path, read_mapping(path)).figures
    for name, figure in figures.items():
        for experiment in figure.experiments:
            if experiment not in experiments:
                raise unknown_name(f"{path}: {name}", experiment, experiments, "experiment")
    return dict(figures)


def _check_references(
    entry: Raw,
    experiment: Experiment,
    experiments: Mapping[str, Experiment],
    datasets: Mapping[str, Dataset],
) -> None:
    """Refuse what names something that isn't there or doesn't fit."""
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
    mask = experiment.arm.mask
    if mask.source in ("imp", "oneshot", "random", "magnitude_at_init"):
        kinds = set(experiment.pruning.rates)
        if not any(experiment.pruning.rates[kind] for kind in kinds):
            raise ConfigError(f"{where}.pruning: every rate is 0, so nothing would be pruned")
    if mask.source == "imp" and mask.chain is not None:
        _check_partner(f"{where}.arm.mask.chain", mask.chain, experiment, experiments)
    if mask.source == "of":
        _check_partner(f"{where}.arm.mask.experiment", mask.experiment, experiment, experiments)
    if mask.source != "imp" and experiment.arm.weights.source == "continue":
        raise ConfigError(f"{where}.arm.weights.source: `continue` needs the mask source `imp`")


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


def _within_source(experiment: Experiment, kept: Mapping[str, Experiment]) -> Experiment:
    """Return `experiment` without the rounds that the scale took from its masks' source."""
    mask = experiment.arm.mask
    if mask.source != "of":
        return experiment
    first, last = experiment.round_range[0], experiment.round_range[-1]
    last = min(last, kept[mask.experiment].round_range[-1])
    return experiment.model_copy(update={"rounds": f"{min(first, last)}-{last}"})
