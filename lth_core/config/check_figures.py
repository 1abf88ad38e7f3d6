"""Checks that a figure fits its experiments: names, rounds, iterations and layers."""

import re
from collections.abc import Mapping
from functools import cache
from keyword import iskeyword
from pathlib import Path

from lth_core.config.architecture import Architecture
from lth_core.config.distance_figures import MaskDistances
from lth_core.config.distribution_figures import Distributions
from lth_core.config.errors import ConfigError, unknown_name
from lth_core.config.experiment import Experiment
from lth_core.config.figures import (
    ArchitectureTable,
    FigureSpec,
    LearningCurves,
    MaskMaps,
    PixelMaps,
    PruningCurves,
    WinningShare,
    XorTable,
)
from lth_core.config.histograms import SPLIT, check_is_run, layers_of
from lth_core.config.mask_figures import Maps
from lth_core.config.pruning_figures import SizeCurves
from lth_core.partial import PARTIAL

_ROOT = Path(__file__).resolve().parents[2]
_RULE = re.compile(r"^(?:rule|checkpoint|use rule \w+ as) (\w+)(?=:| with:)", re.MULTILINE)
_EVERYTHING = "all"  # to `lth plan`


def check_name(where: str, name: str, experiments: Mapping[str, Path]) -> None:
    """Refuse a figure's name that cannot be one of a file and a rule, or that something else has.

    where: its file. experiments: the files of all experiments.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name, re.ASCII):
        raise ConfigError(
            f"{where}: the name {name!r} may have small letters, digits and _ only, and begins with"
            " a letter"
        )
    taken = ""
    if name.endswith(PARTIAL):
        taken = "of a figure drawn in part"
    elif name in rules():
        taken = "already a rule of the Snakefile"
    elif name in experiments:
        taken = f"already an experiment, in {experiments[name]}"
    elif name == _EVERYTHING or iskeyword(name):
        taken = "a reserved word"
    if taken:
        raise ConfigError(f"{where}: {name!r} is {taken}; choose another name")


@cache
def rules() -> frozenset[str]:
    """Return the names of the rules in the Snakefile and rules/, but for those of figures."""
    files = [_ROOT / "Snakefile", *_ROOT.glob("rules/*.smk")]
    return frozenset(name for f in files for name in _RULE.findall(f.read_text(encoding="utf-8")))


def check_figure(
    where: str,
    figure: FigureSpec,
    experiments: Mapping[str, Experiment],
    architectures: Mapping[str, Architecture],
) -> None:
    """Refuse a figure of unknown experiments, rounds or iterations.

    where: its file and name. Those of XOR experiments are checked by check_xor_table.
    """
    if isinstance(figure, XorTable):
        return
    named = list(figure.experiments)
    if isinstance(figure, ArchitectureTable):
        named += [column.experiment for column in figure.networks]
        for column in figure.networks:
            if column.architecture is not None and column.architecture not in architectures:
                raise unknown_name(where, column.architecture, architectures, "architecture")
    for experiment in named:
        if experiment not in experiments:
            more = _on_points(figure, experiment)
            raise unknown_name(where, experiment, experiments, "experiment", more)
    if isinstance(figure, LearningCurves):
        _check_rounds(where, figure, experiments)
    if isinstance(figure, SizeCurves):
        _check_all_are_drawn(where, figure)
    if isinstance(figure, PruningCurves):
        _check_iterations(where, figure, experiments)
    if isinstance(figure, WinningShare):
        _check_dense(where, figure, experiments)
    if isinstance(figure, Distributions):
        _check_histograms(where, figure, experiments[figure.experiment])
    if isinstance(figure, PixelMaps):
        _check_pixels(f"{where}.experiment", figure.experiment, experiments)
        _check_maps(where, figure, experiments)
    if isinstance(figure, MaskMaps):
        for experiment in figure.experiments:
            _check_pixels(f"{where}.series", experiment, experiments)
        _check_maps(f"{where}.maps", figure.maps, experiments)
    if isinstance(figure, MaskDistances):
        _check_reference(where, figure, experiments)


def _on_points(figure: FigureSpec, experiment: str) -> str:
    """Return how points are written, if the name of an experiment comes from one; else nothing."""
    if isinstance(figure, SizeCurves):
        for series in figure.series:
            if series.points and experiment in (line.experiment for line in series.lines):
                return " Points are names: write numbers in quotes, as the keys of the sweep."
    return ""


def _check_rounds(
    where: str, figure: LearningCurves, experiments: Mapping[str, Experiment]
) -> None:
    for series in (series for panel in figure.panels for series in panel.series):
        if series.round not in experiments[series.experiment].round_range:
            raise ConfigError(
                f"{where}: round {series.round} of {series.experiment}, which has the"
                f" rounds {experiments[series.experiment].rounds}"
            )


def _check_all_are_drawn(where: str, figure: SizeCurves) -> None:
    """Refuse a series that no panel draws."""
    for series in figure.series:
        drawn = (p.experiments is None or series.experiment in p.experiments for p in figure.panels)
        if not any(drawn):
            raise ConfigError(
                f"{where}.series: {series.experiment} is in no panel; name it in the `experiments`"
                " of one"
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


def _check_dense(where: str, figure: WinningShare, experiments: Mapping[str, Experiment]) -> None:
    """Refuse tickets that have no dense network to match."""
    for name in figure.experiments:
        if experiments[name].round_range[0] != 0:
            raise ConfigError(
                f"{where}: {name} has the rounds {experiments[name].rounds}, but tickets are"
                " compared with round 0, the dense network"
            )


def _check_histograms(where: str, figure: Distributions, experiment: Experiment) -> None:
    """Refuse histograms of unknown layers or groups, or without a dense network."""
    if experiment.round_range[0] != 0:
        raise ConfigError(
            f"{where}.experiment: {figure.experiment} has the rounds {experiment.rounds}, but"
            " histograms need round 0, the dense network"
        )
    layers = layers_of(figure.quantity, experiment.architecture.weight_layers)
    shown = [(panel.layer, panel.round) for panel in figure.panels]
    shown += [(series.layer, series.round) for series in figure.series]
    for layer, number in shown:
        if layer is not None and layer not in layers:
            raise unknown_name(f"{where}: {figure.experiment}", layer, layers, "layer")
        if number is not None:
            check_is_run(f"{where}.round", number, figure.experiment, experiment)
    split = figure.quantity in SPLIT
    for series in figure.series:
        if (series.group is not None) != split:
            raise ConfigError(
                f"{where}: series {series.label!r}: `group` belongs to the quantities moved and"
                f" magnitude_change, and only there; found {figure.quantity}"
            )


def _check_pixels(where: str, name: str, experiments: Mapping[str, Experiment]) -> None:
    """Refuse an experiment whose first layer sees no single pixels."""
    first = experiments[name].architecture.weight_layers[0]
    if len(first.shape) > 2:
        raise ConfigError(
            f"{where}: {name} has a network that begins with {first.name}, a convolution; maps need"
            " a dense layer over the pixels"
        )


def _check_reference(
    where: str, figure: MaskDistances, experiments: Mapping[str, Experiment]
) -> None:
    """Refuse a comparison of masks of different networks."""
    shapes = {
        name: [layer.shape for layer in experiments[name].architecture.weight_layers]
        for name in figure.experiments
    }
    for name, found in shapes.items():
        if found != shapes[figure.reference]:
            raise ConfigError(
                f"{where}.reference: {figure.reference} has other layers than {name}; masks of the"
                " same network can be compared"
            )


def _check_maps(
    where: str, figure: PixelMaps | Maps, experiments: Mapping[str, Experiment]
) -> None:
    """Refuse maps of unknown rounds, and of one round twice."""
    experiment = experiments[figure.experiment]
    if len(set(figure.rounds)) < len(figure.rounds):
        raise ConfigError(f"{where}.rounds: found {figure.rounds}, should be each once")
    for number in figure.rounds:
        check_is_run(f"{where}.rounds", number, figure.experiment, experiment)
