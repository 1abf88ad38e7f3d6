"""Loads all of `config/`, checks it and applies the scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth_core.config.architecture import Architecture
from lth_core.config.checks import check_datasets, check_experiment, check_figure
from lth_core.config.errors import Model, unknown_name, validated
from lth_core.config.experiments import (
    Raw,
    chain,
    dropped_points,
    read_raw,
    resolve,
    scaled,
    validate,
)
from lth_core.config.figures import Figures, FigureSpec
from lth_core.config.files import named_files, read_mapping
from lth_core.config.models import Config, Dataset, Experiment, Scale
from lth_core.config.xor import Xor, check_xor_table, load_xor
from lth_core.config.xor_figures import XorTable


@dataclass(frozen=True)
class Project:
    """Everything that `config/` says, checked.

    experiments are at the chosen scale, paper_experiments as published. A figure keeps
    only the sweep points that the scale has; dropped names those that it leaves out. depth is the
    number of experiments that each extends, one upon the other. v1's XOR experiments are apart,
    likewise at the scale (xor) and as published (paper_xor).
    """

    config: Config
    scale: Scale
    datasets: Mapping[str, Dataset]
    architectures: Mapping[str, Architecture]
    experiments: Mapping[str, Experiment]
    paper_experiments: Mapping[str, Experiment]
    xor: Xor
    paper_xor: Xor
    figures: Mapping[str, FigureSpec]
    dropped: frozenset[str]
    depth: Mapping[str, int]


def load(folder: Path, settings: Mapping[str, Any] | None = None) -> Project:
    """Return the checked project in `folder`.

    settings: what config.yaml says after Snakemake's `--config`; read from the file if
    None. Raises ConfigError for the first file in which something is wrong.
    """
    main = folder / "config.yaml"
    config = validated(Config, main, read_mapping(main) if settings is None else dict(settings))
    scales = _folder(Scale, folder / "scales")
    if config.scale not in scales:
        raise unknown_name(f"{main}: scale", config.scale, scales, "scale")
    scale = scales[config.scale]
    architectures = _folder(Architecture, folder / "architectures")
    datasets = _folder(Dataset, folder / "datasets")
    check_datasets(folder / "datasets", datasets)

    raw = read_raw(folder / "experiments")
    paper = {
        name: validate(entry, resolve(name, raw), architectures) for name, entry in raw.items()
    }
    for name, experiment in paper.items():
        check_experiment(raw[name], experiment, paper, datasets)
    xor = load_xor(folder / "xor.yaml", architectures, scales, raw)
    figures = _figures(folder / "figures.yaml", paper, architectures, xor)
    dropped = _dropped(raw, scale, paper, figures)
    kept = {
        name: scaled(experiment, scale) for name, experiment in paper.items() if name not in dropped
    }
    return Project(
        config=config,
        scale=scale,
        datasets=datasets,
        architectures=architectures,
        experiments={name: _within_source(e, kept) for name, e in kept.items()},
        paper_experiments=paper,
        xor=xor.at_scale(config.scale),
        paper_xor=xor,
        figures=figures,
        dropped=frozenset(dropped),
        depth={name: len(chain(name, raw)) - 1 for name in raw},
    )


def _folder(model: type[Model], folder: Path) -> dict[str, Model]:
    files = named_files(folder)
    return {name: validated(model, path, read_mapping(path)) for name, path in files.items()}


def _figures(
    path: Path,
    experiments: Mapping[str, Experiment],
    architectures: Mapping[str, Architecture],
    xor: Xor,
) -> dict[str, FigureSpec]:
    figures = validated(Figures, path, read_mapping(path)).figures
    for name, figure in figures.items():
        check_figure(f"{path}: figures", name, figure, experiments, architectures)
        if isinstance(figure, XorTable):
            check_xor_table(f"{path}: figures.{name}", figure, xor)
    return dict(figures)


def _dropped(
    raw: Mapping[str, Raw],
    scale: Scale,
    experiments: Mapping[str, Experiment],
    figures: Mapping[str, FigureSpec],
) -> set[str]:
    """Return the sweep points that `scale` leaves out.

    It keeps the points that others, which stay, start from, and the first of a figure of
    which it would leave nothing.
    """
    dropped = dropped_points(raw, scale)
    shown = [figure.experiments for figure in figures.values()]
    dropped -= {names[0] for names in shown if names and dropped.issuperset(names)}
    needed: set[str] = {""}
    while needed:
        kept = [e for name, e in experiments.items() if name not in dropped]
        needed = {name for e in kept for name in e.arm.experiments.values()} & dropped
        dropped -= needed
    return dropped


def _within_source(experiment: Experiment, kept: Mapping[str, Experiment]) -> Experiment:
    """Return `experiment` without the rounds that the scale took from its masks' source."""
    ticket = experiment.arm.mask.taken_from
    if ticket is None:
        return experiment
    first, last = experiment.round_range[0], experiment.round_range[-1]
    last = min(last, kept[ticket].round_range[-1])
    return experiment.model_copy(update={"rounds": f"{min(first, last)}-{last}"})
