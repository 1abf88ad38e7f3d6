"""Figures of lines against the size of the pruned network."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_core.config.figure import colours_from
from lth_core.config.pruning_figures import PruningCurves, PruningPanel, PruningSeries
from lth_core.figures import lines, paper_curves, style
from lth_core.figures.axes import iterations_text, set_size_axis, set_value_axis, size_values


class Line(NamedTuple):
    """A line of a panel: its name in the CSV, how it looks, and its points."""

    name: str
    series: PruningSeries
    points: pd.DataFrame


def draw(
    spec: PruningCurves, runs: pd.DataFrame, paper: pd.DataFrame
) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the numbers in it.

    runs: the summary, one row per run of all experiments, with the columns of `measured_at`
    for panels that are read at a fixed iteration. paper: the paper's curves. The numbers are
    panel, series (experiment), x, mean, minimum, maximum, n_runs, n_diverged.
    """
    figure, grid = style.panels(spec, len(spec.panels))
    legends: list[dict[str, Artist]] = []
    plotted = []
    for axes, panel in zip(grid, spec.panels, strict=True):
        shown = [line for series in spec.shown(panel) for line in panel_lines(panel, series, runs)]
        plotted += [line.points for line in shown]
        legends.append(_draw_panel(axes, panel, shown, runs, paper))
    if spec.legend == "figure":
        style.add_legend(figure, style.merged(legends))
    else:
        style.add_row_legends(grid, legends, spec.columns)
    return figure, pd.concat(plotted, ignore_index=True)


def panel_lines(panel: PruningPanel, series: PruningSeries, runs: pd.DataFrame) -> list[Line]:
    """Return the line of a series, or one for each trial: sizes decreasing.

    Trials and replicates are pooled; in a line of one trial its replicates.

    Raises ValueError where the panel is read at an iteration that was not evaluated.
    """
    rows = runs[runs["experiment"] == series.experiment]
    if panel.column not in rows or (panel.at is not None and rows[panel.column].isna().all()):
        raise ValueError(f"panel {panel.name}: {series.experiment} has no {panel.column}")
    if not series.each_trial:
        return [Line(series.experiment, series, _points(panel, series.experiment, rows))]
    trials = sorted(set(rows["trial"]))
    return [
        Line(
            name := f"{series.experiment}@trial{trial}",
            series.model_copy(
                update={
                    "colour": colour,
                    "label": series.label.replace("{trial}", str(trial + 1)),
                }
            ),
            _points(panel, name, rows[rows["trial"] == trial]),
        )
        for trial, colour in zip(trials, colours_from(series.colour, len(trials)), strict=True)
    ]


def _points(panel: PruningPanel, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    x = size_values(panel.x, rows[panel.x.quantity].to_numpy(dtype=float))
    y = rows[panel.column].to_numpy(dtype=float)
    points = lines.aggregate(x, y, rows["diverged"].to_numpy(dtype=bool))
    points = points.sort_values("x", ascending=False, ignore_index=True)
    points.insert(0, "series", name)
    points.insert(0, "panel", panel.name)
    return points


def _draw_panel(
    axes: Axes,
    panel: PruningPanel,
    shown: list[Line],
    runs: pd.DataFrame,
    paper: pd.DataFrame,
) -> dict[str, Artist]:
    """Draw one panel and return the artists for the legend by label."""
    entries = {}
    for line in shown:
        bars = np.isfinite(line.points["mean"])
        entries[line.series.label] = lines.draw_line(axes, line.points, line.series, bars)
        lines.mark_diverged(axes, line.points, line.series)
        if line.points["n_diverged"].any():
            entries["diverged"] = lines.diverged_entry()
    set_size_axis(axes, panel.x, pd.concat([line.points["x"] for line in shown]))
    ends = runs.loc[runs["experiment"].isin([s.series.experiment for s in shown]), "iterations"]
    label = panel.label.replace("{iterations}", iterations_text(ends))
    if panel.at is not None:
        label = label.replace("{at}", iterations_text([panel.at]))
    set_value_axis(axes, panel.limits, [line.points for line in shown], label)
    axes.set_title(panel.title)
    if paper_curves.draw(axes, paper, panel.name, [(line.name, line.series) for line in shown]):
        entries["paper"] = paper_curves.entry()
    return entries
