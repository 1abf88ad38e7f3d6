"""Figures of accuracy or loss during training."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_core.config.learning_figures import LearningCurves, LearningPanel, LearningSeries
from lth_core.figures import lines, paper_curves, runs, style
from lth_core.figures.axes import iteration_limits, set_iteration_axis, set_value_axis
from lth_core.figures.lines import Line


def draw(
    spec: LearningCurves, curves: pd.DataFrame, paper: pd.DataFrame
) -> tuple[Figure, pd.DataFrame, pd.DataFrame]:
    """Return the figure, the numbers in it and the runs behind them (lth_core/figures/runs.py).

    curves: measurements of all experiments. paper: the paper's curves. The numbers are panel,
    series (experiment@percent), x, mean, minimum, maximum, n_runs, n_diverged. A round that
    was not run at this scale has no curve, and the panel says so.
    """
    figure, grid = style.panels(spec, len(spec.panels))
    experiments = curves[curves["experiment"].isin(spec.experiments)]
    limits = iteration_limits(spec.xlimits, float(experiments["iteration"].max()))
    legends: list[style.Entries] = []
    drawn: list[Line] = []
    for axes, panel in zip(grid, spec.panels, strict=True):
        set_iteration_axis(axes, limits)
        axes.set_title(panel.title)
        entries, shown = _draw_panel(axes, spec, panel, curves, paper)
        legends.append(entries)
        drawn += shown
    style.add_legend(figure, style.merged(legends))
    numbers = [line.points for line in drawn] or [pd.DataFrame(columns=lines.POINTS)]
    return figure, pd.concat(numbers, ignore_index=True), runs.table([line.runs for line in drawn])


def _draw_panel(
    axes: Axes,
    spec: LearningCurves,
    panel: LearningPanel,
    curves: pd.DataFrame,
    paper: pd.DataFrame,
) -> tuple[style.Entries, list[Line]]:
    """Draw one panel; return the artists for the legend, and its curves."""
    entries: style.Entries = {}
    drawn, not_run = [], []
    for series in panel.series:
        line = series_line(spec, panel, series, curves, axes.get_xlim())
        if line is None:
            not_run.append(series.label.replace("{percent}", f"round {series.round}"))
            continue
        drawn.append(line)
        points = line.points
        bars = (points["x"] > 0) & (points["x"] % spec.bars_every == 0)
        entries[lines.look(line.series)] = lines.draw_line(axes, points, series, bars)
        if points["n_diverged"].any():
            lines.mark_diverged(axes, points.tail(1), series)
            entries[style.DIVERGED] = lines.diverged_entry()
    if not drawn:
        style.mark_not_run(axes)
    notes = ["not run: " + ", ".join(not_run)] if not_run else []
    notes += set_value_axis(axes, spec.limits, [line.points for line in drawn], spec.label)
    style.add_notes(axes, notes)
    if paper_curves.draw(axes, paper, panel.name, drawn):
        entries[style.PAPER] = paper_curves.entry()
    return entries, drawn


def series_line(
    spec: LearningCurves,
    panel: LearningPanel,
    series: LearningSeries,
    curves: pd.DataFrame,
    limits: tuple[float, float],
) -> Line | None:
    """Return one curve between the iterations `limits`; None where its round was not run.

    Its name and its label say the percent that remains, as the paper writes it.
    """
    rows = curves[
        (curves["experiment"] == series.experiment)
        & (curves["round"] == series.round)
        & (curves["split"] == spec.split)
    ]
    if rows.empty:
        return None
    percent = _percent(panel, series, curves)
    lost = rows.assign(lost=~np.isfinite(rows["loss"])).groupby(["trial", "replicate"])["lost"]
    name = f"{series.experiment}@{percent}"
    read = runs.behind(
        rows,
        panel=panel.name,
        series=name,
        x=rows["iteration"].astype(float),
        quantity=f"{spec.split}_{spec.y}",
        value=rows[spec.y].astype(float),
        iteration=rows["iteration"],
        diverged=lost.transform("any"),
    )
    read = read[read["x"].between(*limits)]
    labelled = series.model_copy(update={"label": series.label.replace("{percent}", percent)})
    return Line(name, labelled, lines.aggregate(read), read)


def _percent(panel: LearningPanel, series: LearningSeries, curves: pd.DataFrame) -> str:
    """Return the percent that remains in a series, with its round where another has the same."""
    rows = curves[curves["experiment"] == series.experiment]
    texts = rows.groupby("round")["percent_remaining"].first().map(percent_text)
    shown = {s.round for s in panel.series if s.experiment == series.experiment}
    own: str = texts[series.round]
    alike = (texts[texts.index.isin(shown)] == own).sum() > 1
    return f"{own}, round {series.round}" if alike else own


def percent_text(percent: float) -> str:
    """Return 51.2815 as "51.3", and 100 as "100"."""
    return "100" if percent == 100 else f"{percent:.1f}"
