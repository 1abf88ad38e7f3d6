"""Figures of lines against the size of the pruned network."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_core.config.figure import colours_from
from lth_core.config.pruning_figures import PruningPanel, PruningSeries, SizeCurves
from lth_core.figures import lines, paper_curves, runs, style
from lth_core.figures.axes import iterations_text, set_size_axis, set_value_axis
from lth_core.figures.lines import Line
from lth_core.tables.columns import MEASURES


def draw(
    spec: SizeCurves, summary: pd.DataFrame, paper: pd.DataFrame
) -> tuple[Figure, pd.DataFrame, pd.DataFrame]:
    """Return the figure, the numbers in it and the runs behind them (lth_core/figures/runs.py).

    summary: one row per run of the experiments that are drawn, with the columns of `measured_at`
    for panels that are read at a fixed iteration; a panel without any says so. paper: the paper's
    curves. The numbers are panel, series (experiment), x, mean, minimum, maximum, n_runs,
    n_diverged.
    """
    figure, grid = style.panels(spec, len(spec.panels))
    drawn = draw_panels(figure, grid, spec, summary, paper)
    numbers = pd.concat([line.points for line in drawn], ignore_index=True)
    return figure, numbers, runs.table([line.runs for line in drawn])


def draw_panels(
    figure: Figure,
    grid: list[Axes],
    spec: SizeCurves,
    summary: pd.DataFrame,
    paper: pd.DataFrame,
) -> list[Line]:
    """Draw the panels of `spec` on the first axes, and their legend; return all lines.

    grid: all axes of the figure. summary, paper: as of `draw`.
    """
    there = set(summary["experiment"])
    legends: list[style.Entries] = []
    drawn: list[Line] = []
    for axes, panel in zip(grid, spec.panels, strict=False):
        shown = [
            line
            for series in spec.shown(panel)
            if series.experiment in there
            for line in panel_lines(panel, series, summary)
        ]
        drawn += shown
        legends.append(_draw_panel(axes, panel, shown, summary, paper))
    if spec.legend == "figure":
        style.add_legend(figure, style.merged(legends))
    else:
        style.add_row_legends(figure, grid, legends, spec.columns)
    return drawn


def panel_lines(panel: PruningPanel, series: PruningSeries, summary: pd.DataFrame) -> list[Line]:
    """Return the line of a series, or one for each trial: sizes decreasing.

    Trials and replicates are pooled; in a line of one trial its replicates.

    Raises ValueError where the panel is read at an iteration that was not evaluated.
    """
    rows = summary[summary["experiment"] == series.experiment]
    if panel.column not in rows or (panel.at is not None and rows[panel.column].isna().all()):
        raise ValueError(f"panel {panel.name}: {series.experiment} has no {panel.column}")
    if not series.each_trial:
        return [_line(panel, series.experiment, series, rows)]
    trials = sorted(set(rows["trial"]))
    colours = [series.colour] * len(trials)
    if "{trial}" in series.label:
        colours = colours_from(series.colour, len(trials))
    return [
        _line(
            panel,
            f"{series.experiment}@trial{trial}",
            series.model_copy(
                update={
                    "colour": colour,
                    "label": series.label.replace("{trial}", str(trial + 1)),
                }
            ),
            rows[rows["trial"] == trial],
        )
        for trial, colour in zip(trials, colours, strict=True)
    ]


def _line(panel: PruningPanel, name: str, series: PruningSeries, rows: pd.DataFrame) -> Line:
    """Return a line with a point for each round, at the mean size of its networks."""
    sizes = rows.groupby("round")[panel.x.quantity].transform("mean")
    at = MEASURES[panel.y].iteration
    read = runs.behind(
        rows,
        panel=panel.name,
        series=name,
        x=sizes / panel.x.per_unit,
        quantity=panel.y,
        value=rows[panel.column],
        iteration=panel.at if at is None else rows[at],
        diverged=rows["diverged"].astype(bool),
    )
    points = lines.aggregate(read)
    points = points.sort_values("x", ascending=False, kind="stable", ignore_index=True)
    return Line(name, series, points, read)


def _draw_panel(
    axes: Axes,
    panel: PruningPanel,
    shown: list[Line],
    summary: pd.DataFrame,
    paper: pd.DataFrame,
) -> style.Entries:
    """Draw one panel and return the artists for the legend."""
    entries: style.Entries = {}
    if not shown:
        style.mark_not_run(axes)
    sizes = pd.Series([x for line in shown for x in line.points["x"]], dtype=float)
    axes.set_title(panel.title)
    for line in shown:
        on_axis = line.points[(line.points["x"] > 0) | (panel.x.scale == "linear")]
        entries[lines.look(line.series)] = lines.draw_line(axes, on_axis, line.series)
        lines.mark_diverged(axes, on_axis, line.series)
        if on_axis["n_diverged"].any():
            entries[style.DIVERGED] = lines.diverged_entry()
    notes = []
    if panel.x.scale == "log" and (sizes == 0).any():
        notes.append("networks without weights: beyond this axis")
        sizes = sizes[sizes > 0]
    set_size_axis(axes, panel.x, sizes)
    experiments = [line.series.experiment for line in shown]
    ends = summary.loc[summary["experiment"].isin(experiments), "iterations"]
    label = panel.label
    if not shown:
        label = label.replace("at Iteration {iterations}", "at the End")
    label = label.replace("{iterations}", iterations_text(ends))
    if panel.at is not None:
        label = label.replace("{at}", iterations_text([panel.at]))
    points = [line.points for line in shown]
    notes += set_value_axis(axes, panel.limits, points, label, MEASURES[panel.y].unit)
    style.add_notes(axes, notes)
    if paper_curves.draw(axes, paper, panel.name, shown):
        entries[style.PAPER] = paper_curves.entry()
    return entries
