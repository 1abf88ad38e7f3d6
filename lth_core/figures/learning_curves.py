"""Figures of accuracy or loss during training."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from lth_core.config.figures import LearningCurves, LearningSeries
from lth_core.figures import lines, paper_curves, style
from lth_core.figures.axes import set_iteration_axis, set_value_axis, widened

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
    entries: dict[str, Artist] = {}
    plotted = []
    for axes, panel in zip(grid, spec.panels, strict=True):
        set_iteration_axis(axes, spec.xlimits)
        axes.set_title(panel.title)
        means, colours, not_run = [], {}, []
        for series in panel.series:
            points, percent = series_points(spec, series, curves)
            if points.empty:
                not_run.append(series.label.format(percent=f"round {series.round}"))
                continue
            name = f"{series.experiment}@{percent}"
            colours[name] = series.colour
            shown = points[points["x"].between(*spec.xlimits)]
            means.append(shown["mean"].to_numpy())
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
        set_value_axis(axes, spec.limits, widened(spec.limits, means), spec.label)
        if paper_curves.draw(axes, paper, panel.name, colours):
            entries["paper"] = paper_curves.entry()
    last = [label for label in ("paper", "diverged") if label in entries]
    order = [*(label for label in entries if label not in last), *last]
    style.add_legend(figure, {label: entries[label] for label in order})
    return figure, pd.concat(plotted, ignore_index=True)


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
