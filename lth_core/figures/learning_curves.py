"""Figures of accuracy or loss during training."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_core.config.learning_figures import LearningCurves, LearningPanel, LearningSeries
from lth_core.figures import lines, paper_curves, style
from lth_core.figures.axes import iteration_limits, set_iteration_axis, set_value_axis

_RUN = ["trial", "replicate"]


def draw(
    spec: LearningCurves, curves: pd.DataFrame, paper: pd.DataFrame
) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the numbers in it.

    curves: measurements of all experiments. paper: the paper's curves. The numbers are panel,
    series (experiment@percent), x, mean, minimum, maximum, n_runs, n_diverged. A round that
    was not run at this scale has no curve, and the panel says so.
    """
    figure, grid = style.panels(spec, len(spec.panels))
    experiments = curves[curves["experiment"].isin(spec.experiments)]
    limits = iteration_limits(spec.xlimits, float(experiments["iteration"].max()))
    legends: list[dict[str, Artist]] = []
    plotted = []
    for axes, panel in zip(grid, spec.panels, strict=True):
        set_iteration_axis(axes, limits)
        axes.set_title(panel.title)
        entries, numbers = _draw_panel(axes, spec, panel, curves, paper)
        legends.append(entries)
        plotted += numbers
    style.add_legend(figure, style.merged(legends))
    nothing = pd.DataFrame(columns=["panel", "series", *lines.POINTS])
    return figure, pd.concat(plotted, ignore_index=True) if plotted else nothing


def _draw_panel(
    axes: Axes,
    spec: LearningCurves,
    panel: LearningPanel,
    curves: pd.DataFrame,
    paper: pd.DataFrame,
) -> tuple[dict[str, Artist], list[pd.DataFrame]]:
    """Draw one panel; return the artists for the legend by label, and the points of its curves."""
    entries: dict[str, Artist] = {}
    plotted, drawn, not_run = [], [], []
    for series in panel.series:
        points, percent = series_points(spec, series, curves)
        if points.empty:
            not_run.append(series.label.format(percent=f"round {series.round}"))
            continue
        name = f"{series.experiment}@{percent}"
        drawn.append((name, series))
        shown = points[points["x"].between(*axes.get_xlim())]
        bars = (shown["x"] > 0) & (shown["x"] % spec.bars_every == 0)
        label = series.label.format(percent=percent)
        entries[label] = lines.draw_line(axes, shown, series, bars)
        if points["n_diverged"].any():
            lines.mark_diverged(axes, shown.tail(1), series)
            entries["diverged"] = lines.diverged_entry()
        shown.insert(0, "series", name)
        shown.insert(0, "panel", panel.name)
        plotted.append(shown)
    if not_run:
        style.add_remark(axes, "not run: " + ", ".join(not_run))
    set_value_axis(axes, spec.limits, plotted, spec.label)
    if paper_curves.draw(axes, paper, panel.name, drawn):
        entries["paper"] = paper_curves.entry()
    return entries, plotted


def series_points(
    spec: LearningCurves, series: LearningSeries, curves: pd.DataFrame
) -> tuple[pd.DataFrame, str]:
    """Return the points of one curve and its percent remaining as the paper writes it."""
    rows = curves[
        (curves["experiment"] == series.experiment)
        & (curves["round"] == series.round)
        & (curves["split"] == spec.split)
    ]
    if rows.empty:
        return pd.DataFrame(columns=lines.POINTS), ""
    runs = [rows[name] for name in _RUN]
    diverged = rows["loss"].isna().groupby(runs).transform("any")
    points = lines.aggregate(
        rows["iteration"].to_numpy(), rows[spec.y].to_numpy(dtype=float), diverged.to_numpy()
    )
    return points, percent_text(float(rows["percent_remaining"].iloc[0]))


def percent_text(percent: float) -> str:
    """Return 51.2815 as "51.3", and 100 as "100"."""
    return "100" if percent == 100 else f"{percent:.1f}"
