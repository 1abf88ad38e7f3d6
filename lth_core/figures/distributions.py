"""Figures of histograms over the weights or units of a network."""

from typing import TypeVar

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_core.config.distribution_figures import (
    DistributionPanel,
    Distributions,
    DistributionSeries,
)
from lth_core.config.figure import Limits
from lth_core.figures import runs, style

NUMBERS = ["panel", "series", "left", "right", "density", "n_trials"]
Item = TypeVar("Item", DistributionPanel, DistributionSeries)


def draw(
    spec: Distributions, distributions: pd.DataFrame, by_trial: pd.DataFrame
) -> tuple[Figure, pd.DataFrame, pd.DataFrame]:
    """Return the figure, the numbers in it and the runs behind them (lth_core/figures/runs.py).

    distributions: histograms of the experiment, trials pooled. by_trial: the same of each trial.
    A panel or series whose round was not run shows the nearest round below, once; its text says
    how much remains there. The numbers are panel, series, left, right, density, n_trials.
    """
    table = distributions[distributions["quantity"] == spec.quantity]
    by_trial = by_trial[by_trial["quantity"] == spec.quantity]
    # Of all quantities: a network without weights has none of their histograms, but is there.
    percents = distributions.groupby("round")["percent_remaining"].first()
    panels = nearest(spec.panels, list(percents.index))
    shown = nearest(spec.series, list(percents.index))
    figure, grid = style.panels(spec, len(panels))
    entries: style.Entries = {}
    plotted, pooled, drawn = [], [], []
    for axes, panel in zip(grid, panels, strict=True):
        title = _text(panel.title, panel, percents)
        axes.set_title(title)
        axes.set_xlabel(spec.label)
        axes.set_ylabel("Density")
        empty = []
        for series in shown:
            histogram = _select(table, panel, series)
            label = _text(series.label, series, percents)
            if histogram.empty:
                empty.append(label)
                continue
            entries[label, series.colour] = _draw_outline(axes, histogram, series)
            drawn.append(histogram)
            trials = _trials(_select(by_trial, panel, series), spec.quantity, title, label)
            told = histogram.assign(panel=title, series=label, n_trials=len(trials))
            plotted.append(told[NUMBERS])
            pooled.append(trials)
        if empty:
            style.add_notes(axes, ["none: " + ", ".join(empty)])
        axes.set_ylim(bottom=0, top=spec.top)
    if spec.limits:
        limits = widened(spec.limits, drawn)
        for axes in grid[: len(panels)]:
            axes.set_xlim(limits)
    style.add_legend(figure, entries)
    numbers = plotted or [pd.DataFrame(columns=NUMBERS)]
    return figure, pd.concat(numbers, ignore_index=True), runs.table(pooled)


def nearest(items: list[Item], rounds: list[int]) -> list[Item]:
    """Return panels or series with rounds that exist: the nearest below, none shown twice.

    rounds: those that were run, increasing, with 0 among them. What has no round stays.
    """
    chosen: dict[tuple[object, ...], Item] = {}
    for item in items:
        if item.round is not None:
            below = max(number for number in rounds if number <= item.round)
            item = item.model_copy(update={"round": below})
        group = item.group if isinstance(item, DistributionSeries) else None
        chosen.setdefault((item.round, item.layer, group), item)
    return list(chosen.values())


def widened(limits: Limits, histograms: list[pd.DataFrame]) -> Limits:
    """Return the paper's range, widened to hold every histogram of which a tenth lies outside.

    So does most of it where a scale ends at a larger network than the paper shows. A range from 0,
    as of fractions, still begins there.
    """
    low, high = limits
    for histogram in histograms:
        left, right = histogram["left"], histogram["right"]
        share = histogram["density"] * (right - left)
        if share[((left + right) / 2).between(*limits)].sum() < 0.9 * share.sum():
            low = min(low, float(left[share > 0].min())) if low else low
            high = max(high, float(right[share > 0].max()))
    return low, high


def _text(text: str, item: Item, percents: "pd.Series[float]") -> str:
    if item.round is None:
        return text
    return text.replace("{percent}", f"{percents[item.round]:.2f}")


def _select(
    table: pd.DataFrame, panel: DistributionPanel, series: DistributionSeries
) -> pd.DataFrame:
    number = panel.round if panel.round is not None else series.round
    layer = panel.layer or series.layer
    group = series.group or ""
    return table[(table["round"] == number) & (table["layer"] == layer) & (table["group"] == group)]


def _trials(histograms: pd.DataFrame, quantity: str, panel: str, series: str) -> pd.DataFrame:
    """Return the runs that a histogram pools, one a trial."""
    rows = histograms.drop_duplicates("trial").assign(replicate=0)
    return runs.pooled(rows, quantity, panel, series)


def _draw_outline(axes: Axes, histogram: pd.DataFrame, series: DistributionSeries) -> Artist:
    edges = np.append(histogram["left"].to_numpy(), histogram["right"].iloc[-1])
    return axes.stairs(
        histogram["density"].to_numpy(),
        edges,
        color=style.COLOURS[series.colour],
        linewidth=1.2,
    )
