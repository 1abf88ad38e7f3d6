"""Figures of histograms over the weights or units of a network."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_core.config.figures import DistributionPanel, Distributions, DistributionSeries
from lth_core.figures import style


def draw(spec: Distributions, distributions: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the numbers in it: panel, series, left, right, density.

    distributions: histograms of the experiment. A panel whose round was not run shows the
    nearest round below, once; its title says how much remains there.
    """
    table = distributions[distributions["quantity"] == spec.quantity]
    rounds = sorted(set(table["round"]))
    panels = nearest_panels(spec.panels, rounds)
    figure, grid = style.panels(spec, len(panels))
    entries: dict[str, Artist] = {}
    plotted = []
    for axes, panel in zip(grid, panels, strict=True):
        rows = table[table["round"] == panel.round]
        title = panel.title.format(percent=f"{rows['percent_remaining'].iloc[0]:.2f}")
        axes.set_title(title)
        axes.set_xlabel(spec.label)
        axes.set_ylabel("Density")
        for series in spec.series:
            histogram = _select(rows, panel, series)
            if histogram.empty:
                continue
            entries[series.label] = _draw_outline(axes, histogram, series)
            numbers = histogram[["left", "right", "density"]].copy()
            numbers.insert(0, "series", series.label)
            numbers.insert(0, "panel", title)
            plotted.append(numbers)
        if spec.limits:
            axes.set_xlim(spec.limits)
        axes.set_ylim(bottom=0, top=spec.top)
    style.add_legend(figure, entries)
    return figure, pd.concat(plotted, ignore_index=True)


def nearest_panels(panels: list[DistributionPanel], rounds: list[int]) -> list[DistributionPanel]:
    """Return the panels with rounds that exist: the nearest below, none shown twice.

    rounds: those that were run, increasing, with 0 among them.
    """
    chosen = [
        panel.model_copy(update={"round": max(r for r in rounds if r <= panel.round)})
        for panel in panels
    ]
    return list({(panel.round, panel.layer): panel for panel in chosen}.values())


def _select(
    rows: pd.DataFrame, panel: DistributionPanel, series: DistributionSeries
) -> pd.DataFrame:
    layer = panel.layer or series.layer
    return rows[(rows["layer"] == layer) & (rows["group"] == (series.group or ""))]


def _draw_outline(axes: Axes, histogram: pd.DataFrame, series: DistributionSeries) -> Artist:
    edges = np.append(histogram["left"].to_numpy(), histogram["right"].iloc[-1])
    return axes.stairs(
        histogram["density"].to_numpy(),
        edges,
        color=style.COLOURS[series.colour],
        linewidth=1.2,
    )
