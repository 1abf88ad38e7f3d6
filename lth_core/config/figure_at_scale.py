"""A figure at a scale, and the label that says what was reduced."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lth_core.config.experiment import Experiment
from lth_core.config.experiment_at_scale import at_iteration
from lth_core.config.figures import AnyFigure, ArchitectureTable, LearningCurves
from lth_core.config.learning_figures import LearningSeries
from lth_core.config.load import Project
from lth_core.config.pruning_figures import SizeCurves
from lth_core.config.share_figures import WinningShare
from lth_core.config.table_figures import TableNetwork


def figure_at_scale(project: Project, name: str) -> dict[str, Any]:
    """Return the figure's specification without the sweep points that the scale leaves out.

    Sweeps are spread into their lines, iterations and one-shot sizes are those of the scale,
    and panels that lose all their lines are gone. Tables of networks get their settings.
    """
    figure: AnyFigure = project.figures[name]
    spec = figure.model_dump(mode="json")
    if isinstance(figure, SizeCurves):
        return spec | _size_curves(project, figure)
    if isinstance(figure, LearningCurves):
        return spec | {"panels": _learning_panels(project, figure)}
    if isinstance(figure, WinningShare):
        return spec | {"networks": [e for e in figure.networks if e not in project.dropped]}
    if isinstance(figure, ArchitectureTable):
        return spec | {"networks": [_network(project, column) for column in figure.networks]}
    return spec


def experiments_at_scale(project: Project, name: str) -> list[str]:
    """Return the experiments whose tables the figure reads at this scale."""
    return [e for e in project.figures[name].experiments if e not in project.dropped]


def note_of(project: Project, experiments: Sequence[str]) -> str:
    """Return what is less than published in some, e.g. "10,000 of 50,000 iterations".

    Empty where all runs are as published.
    """
    ours, published = project.experiments, project.paper_experiments
    names = [e for e in experiments if e in ours]
    oneshot = [e for e in names if _sizes(ours, e) is not None]
    iterative = [e for e in names if e not in oneshot]
    left_out = len(set(experiments) & project.dropped)

    def both(get: Callable[[Experiment], int], names: list[str]) -> list[tuple[int, int]]:
        return [(get(ours[e]), get(published[e])) for e in names]

    notes = [
        _shortfall("iterations", both(lambda e: e.training.iterations, names)),
        _shortfall("rounds", both(lambda e: e.round_range[-1], iterative)),
        _shortfall("one-shot sizes", both(lambda e: e.round_range[-1], oneshot)),
        _shortfall("trials", both(lambda e: e.trials, names)),
        _shortfall("replicates", both(lambda e: e.replicates, names)),
        _most_examples(project, names),
        f"{left_out} of {len(set(experiments))} experiments left out" if left_out else "",
    ]
    if set(experiments) & project.xor.experiments.keys():
        xor, all_ = project.xor, project.paper_xor
        iterations = (xor.training.iterations, all_.training.iterations)
        notes += [_shortfall("iterations", [iterations])]
        notes += [_shortfall("trials", [(xor.trials, all_.trials)])]
    return ", ".join(note for note in notes if note)


def _size_curves(project: Project, figure: SizeCurves) -> dict[str, Any]:
    """Return the series and panels of such a figure at the scale."""
    lines = [line for series in figure.series for line in series.lines]
    panels = []
    for panel in figure.panels:
        shown = [s.experiment for s in figure.shown(panel) if s.experiment not in project.dropped]
        if shown:
            changed: dict[str, Any] = {"experiments": list(dict.fromkeys(shown))}
            if panel.at is not None:
                published = project.paper_experiments[shown[0]].training
                training = project.experiments[shown[0]].training
                changed["at"] = at_iteration(panel.at, published, training)
            panels.append(panel.model_dump(mode="json") | changed)
    kept = [line for line in lines if line.experiment not in project.dropped]
    return {"series": [line.model_dump(mode="json") for line in kept], "panels": panels}


def _learning_panels(project: Project, figure: LearningCurves) -> list[dict[str, Any]]:
    """Return the panels of such a figure at the scale, each curve once."""
    panels = []
    for panel in figure.panels:
        series: dict[tuple[str, int], dict[str, Any]] = {}
        for one in panel.series:
            if one.experiment not in project.dropped:
                number = _round_at_scale(project, one)
                changed = one.model_dump(mode="json") | {"round": number}
                series.setdefault((one.experiment, number), changed)
        if series:
            panels.append(panel.model_dump(mode="json") | {"series": list(series.values())})
    return panels


def _round_at_scale(project: Project, series: LearningSeries) -> int:
    """Return the series' round; of one-shot pruning, that of the nearest size of the scale."""
    shares = _sizes(project.experiments, series.experiment)
    published = _sizes(project.paper_experiments, series.experiment)
    if series.round == 0 or shares is None or published is None:
        return series.round
    wanted = published[series.round - 1]
    return 1 + min(range(len(shares)), key=lambda index: abs(shares[index] - wanted))


def _network(project: Project, column: TableNetwork) -> dict[str, Any]:
    """Return a column of a table with the settings that it shows, as published.

    A key at its default is left out, so that one added later makes no table stale.
    """
    experiment = project.paper_experiments[column.experiment]
    architecture = experiment.architecture
    if column.architecture is not None:
        architecture = project.architectures[column.architecture]
    settings = {
        "network": architecture.model_dump(mode="json", exclude_defaults=True),
        "training": experiment.training.model_dump(mode="json", exclude_defaults=True),
        "pruning": experiment.pruning.model_dump(mode="json"),
    }
    return column.model_dump(mode="json") | {"settings": settings}


def _shortfall(label: str, pairs: list[tuple[int, int]]) -> str:
    """Return e.g. "2 of 5 trials", or "2 of 5 to 10 trials" where experiments differ."""
    short = [pair for pair in pairs if pair[0] != pair[1]]
    if not short:
        return ""
    ours, published = (_span(values) for values in zip(*short, strict=True))
    return f"{ours} of {published} {label}"


def _most_examples(project: Project, names: Sequence[str]) -> str:
    """Return e.g. "at most 2,000 examples" of what these experiments train on or evaluate."""
    architectures = [project.experiments[name].architecture for name in names]
    found = [project.scale.of(architecture).examples for architecture in architectures]
    limits = [limit for limit in found if limit is not None]
    if not limits:
        return ""
    some = " for some networks" if len(limits) < len(found) else ""
    return f"at most {_span(limits)} examples{some}"


def _span(values: Sequence[int]) -> str:
    least, most = min(values), max(values)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _sizes(experiments: Mapping[str, Experiment], name: str) -> Sequence[float] | None:
    """Return the sizes of a one-shot experiment, or of the one whose masks it takes."""
    mask = experiments[name].arm.mask
    return mask.sizes if mask.taken_from is None else _sizes(experiments, mask.taken_from)
