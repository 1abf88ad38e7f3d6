"""Figures of lines against the size of the pruned network."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_core.config.figures import PruningCurves, PruningPanel, PruningSeries
from lth_core.figures import lines, paper_curves, style
from lth_core.figures.axes import set_size_axis, set_value_axis, size_values, widened


def draw(
    spec: PruningCurves, summary: pd.DataFrame, paper: pd.DataFrame
) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the numbers in it.

    summary: one row per run of all experiments. paper: the paper's curves. The numbers are
    panel, series (experiment), x, mean, minimum, maximum, n_runs, n_diverged.
    """
    figure, grid = style.panels(spec, len(spec.panels))
    entries: dict[str, Artist] = {}
    plotted = []
    for axes, panel in zip(grid, spec.panels, strict=True):
        shown = [s for s in spec.series if s.experiment in (panel.experiments or spec.experiments)]
        points = {s.experiment: panel_points(panel, s, summary) for s in shown}
        plotted += list(points.values())
        entries |= _draw_panel(axes, panel, shown, points, summary)
        colours = {s.experiment: s.colour for s in shown}
        if paper_curves.draw(axes, paper, panel.name, colours):
            entries["paper"] = paper_curves.entry()
    order = [*(s.label for s in spec.series), "paper", "diverged"]
    style.add_legend(figure, {label: entries[label] for label in order if label in entries})
    return figure, pd.concat(plotted, ignore_index=True)


def panel_points(panel: PruningPanel, series: PruningSeries, summary: pd.DataFrame) -> pd.DataFrame:
    """Return the points of one line: trials and replicates pooled, sizes decreasing."""
    runs = summary[summary["experiment"] == series.experiment]
    x = size_values(panel.x, runs[panel.x.quantity].to_numpy(dtype=float))
    y = runs[panel.y].to_numpy(dtype=float)
    points = lines.aggregate(x, y, runs["diverged"].to_numpy(dtype=bool))
    points = points.sort_values("x", ascending=False, ignore_index=True)
    points.insert(0, "series", series.experiment)
    points.insert(0, "panel", panel.name)
    return points


def _draw_panel(
    axes: Axes,
    panel: PruningPanel,
    shown: list[PruningSeries],
    points: dict[str, pd.DataFrame],
    summary: pd.DataFrame,
) -> dict[str, Artist]:
    everything = pd.concat(points.values())
    set_size_axis(axes, panel.x, everything["x"])
    limits = widened(panel.limits, [p["mean"].to_numpy() for p in points.values()])
    runs = summary[summary["experiment"].isin(list(points))]
    label = panel.label.format(iterations=f"{runs['iterations'].max():,}")
    set_value_axis(axes, panel.limits, limits, label)
    axes.set_title(panel.title)
    entries = {}
    for series in shown:
        line = points[series.experiment]
        entries[series.label] = lines.draw_line(axes, line, series, np.isfinite(line["mean"]))
        lines.mark_diverged(axes, line, series)
        if line["n_diverged"].any():
            entries["diverged"] = lines.diverged_entry()
    return entries
