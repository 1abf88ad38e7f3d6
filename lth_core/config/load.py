"""Loads all of `config/`, checks it and applies the scale."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth_core.config.architecture import Architecture
from lth_core.config.check_batches import check_batches
from lth_core.config.check_circles import check_circles
from lth_core.config.check_figures import check_figure, check_name
from lth_core.config.checks import check_datasets, check_experiment
from lth_core.config.config import Config
from lth_core.config.dataset import Dataset
from lth_core.config.errors import ConfigError, Errors, Model, unknown_name, validated
from lth_core.config.experiment import Experiment
from lth_core.config.experiment_at_scale import dropped_points, scaled
from lth_core.config.experiment_files import Raw, chain, check_in_path, each, read_raw, validate_all
from lth_core.config.figure_files import AXES, RawFigure, read_figures
from lth_core.config.figure_files import FOLDER as FIGURES
from lth_core.config.figures import FigureSpec, read_axes
from lth_core.config.figures import figure as figure_model
from lth_core.config.files import check_all_are_read, named_files, read_mapping
from lth_core.config.scale import Scale
from lth_core.config.xor import FILE as XOR
from lth_core.config.xor import Xor, XorExperiment, check_xor_table, load_xor
from lth_core.config.xor_figures import XorTable
from lth_core.errors import Failure

# Folders of results/ that are of no scale.
OTHER_RESULTS = ("data", "published")


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

    @property
    def seeds(self) -> dict[str, int]:
        """Seed of every experiment, in the config's order; those of one seed share trials."""
        both: Mapping[str, Experiment | XorExperiment] = {
            **self.experiments,
            **self.xor.experiments,
        }
        return {name: experiment.seed for name, experiment in both.items()}

    def check_kept(self, experiment: str) -> None:
        """Raise Failure if the scale leaves out an experiment."""
        if experiment in self.dropped:
            raise Failure(
                f"{experiment}: scale {self.config.scale} leaves it out; try --scale paper"
            )


def load(folder: Path, settings: Mapping[str, Any] | None = None) -> Project:
    """Return the checked project in `folder`.

    settings: what config.yaml says after Snakemake's `--config`; read from the file if
    None. Raises one ConfigError for all files in which something is wrong.
    """
    errors, main = Errors(), folder / "config.yaml"
    where = main if settings is None else f"{main} or --config"
    scales = _folder(Scale, folder / "scales", "scale", errors, taken=OTHER_RESULTS)
    with errors.gathered():
        said = read_mapping(main) if settings is None else dict(settings)
        config = validated(Config, where, said)
        if config.scale not in scales:
            raise unknown_name(f"{where}: scale", config.scale, scales, "scale")
    architectures = _folder(Architecture, folder / "architectures", "architecture", errors)
    datasets = _folder(Dataset, folder / "datasets", "data set", errors)
    raw = read_raw(folder / "experiments", errors)
    with errors.gathered():
        check_all_are_read(folder, _read(folder))
    paper = validate_all(raw, architectures, errors)
    xor: Xor | None = None
    with errors.gathered():
        xor = load_xor(folder / XOR, architectures, scales, raw)
    places = {name: entry.file for name, entry in raw.items()}
    places |= {name: folder / XOR for name in (xor.experiments if xor else ())}
    written = read_figures(folder, errors)
    figures = _figures(folder, written, places, errors)
    check_datasets(folder / "datasets", datasets, errors)
    circular = check_circles(raw, paper, errors)
    typed = {name: raw[name] for name in paper if name not in circular}
    each(typed, lambda name: check_experiment(raw[name], paper[name], paper, datasets), errors)
    for name, figure in figures.items():
        where = f"{written[name].file}: {name}"
        with errors.gathered():
            check_figure(where, figure, paper, architectures)
            if isinstance(figure, XorTable) and xor:
                check_xor_table(where, figure, xor)
    errors.raise_found()

    assert xor is not None  # else that was raised
    scale = scales[config.scale]
    dropped = _dropped(raw, scale, paper, figures)
    return Project(
        config=config,
        scale=scale,
        datasets=datasets,
        architectures=architectures,
        experiments=_at_scale(config.scale, scale, raw, paper, dropped, datasets),
        paper_experiments=paper,
        xor=xor.at_scale(config.scale),
        paper_xor=xor,
        figures=figures,
        dropped=frozenset(dropped),
        depth={name: len(chain(name, raw)) - 1 for name in raw},
    )


def _figures(
    folder: Path, written: Mapping[str, RawFigure], places: Mapping[str, Path], errors: Errors
) -> dict[str, FigureSpec]:
    """Return all figures as their families' models; what is wrong goes to `errors`.

    places: the files of all experiments, whose names no figure may have.
    """
    axes = read_axes(folder, errors)
    found: dict[str, FigureSpec] = {}
    for name, raw in written.items():
        with errors.gathered("figure", name):
            check_name(str(raw.file), name, places)
            found[name] = figure_model(name, raw, axes)
    return found


def _at_scale(
    name: str,
    scale: Scale,
    raw: Mapping[str, Raw],
    paper: Mapping[str, Experiment],
    dropped: Collection[str],
    datasets: Mapping[str, Dataset],
) -> dict[str, Experiment]:
    """Return the experiments at the scale called `name`, checked."""
    kept = {e: scaled(experiment, scale) for e, experiment in paper.items() if e not in dropped}

    def check(one: str) -> None:
        check_batches(raw[one], kept[one], datasets, name, scale)

    errors = Errors()
    each({one: raw[one] for one in kept}, check, errors)
    errors.raise_found()
    return {one: _within_source(experiment, kept) for one, experiment in kept.items()}


def _read(folder: Path) -> set[Path]:
    """Return all YAML files that are read."""
    single = {folder / name for name in ("config.yaml", AXES, XOR)}
    folders = (
        *("scales", "architectures", "datasets", "experiments", FIGURES),
        *("paper/claims", "peers/claims"),
    )
    return single | {path for name in folders for path in named_files(folder / name).values()}


def _folder(
    model: type[Model], folder: Path, what: str, errors: Errors, taken: Collection[str] = ()
) -> dict[str, Model]:
    """Return the models of a folder's files by name; `taken` are folders of results/ already."""
    found = {}
    for name, path in named_files(folder).items():
        with errors.gathered(what, name):
            check_in_path(str(path), name)
            if name in taken:
                raise ConfigError(f"{path}: results/{name}/ is another folder; choose another name")
            found[name] = validated(model, path, read_mapping(path))
    return found


def _dropped(
    raw: Mapping[str, Raw],
    scale: Scale,
    experiments: Mapping[str, Experiment],
    figures: Mapping[str, FigureSpec],
) -> set[str]:
    """Return the sweep points that `scale` leaves out.

    It keeps the points that others, which stay, start from, those that a figure compares with,
    and the first of a figure of which it would leave nothing.
    """
    dropped = dropped_points(raw, experiments, scale)
    dropped -= {name for figure in figures.values() for name in figure.references}
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
