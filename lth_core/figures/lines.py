"""Lines: the mean over runs, with bars from the smallest to the largest."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lth_core.figures.style import COLOURS

if TYPE_CHECKING:
    from lth_core.config.learning_figures import LearningSeries
    from lth_core.config.pruning_figures import PruningSeries
    from lth_core.config.share_figures import ShareSeries

    Series = PruningSeries | LearningSeries | ShareSeries

CAP = 1.5  # points that the end of a bar reaches to either side
POINTS = ["panel", "series", "x", "mean", "minimum", "maximum", "n_runs", "n_diverged"]


class Line(NamedTuple):
    """A line of a panel: its name in the CSV, how it looks, its points and the runs behind them."""

    name: str
    series: "PruningSeries | LearningSeries"
    points: pd.DataFrame
    runs: pd.DataFrame


def aggregate(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the points of a line: a row with the columns POINTS for each round and x, in order.

    runs: of one line, from `behind`. Those that are not counted are left out of the mean, minimum,
    maximum and n_runs; where nothing is left the first three are NaN.
    """
    keys = ["panel", "series", "round", "x"]
    groups = runs.assign(value=runs["value"].where(runs["counted"])).groupby(keys)
    points = groups["value"].agg(mean="mean", minimum="min", maximum="max", n_runs="count")
    points["n_diverged"] = groups["diverged"].sum()
    return points.reset_index()[POINTS]


def draw_line(
    axes: Axes, points: pd.DataFrame, series: "Series", bars: pd.Series | bool = True
) -> Artist:
    """Draw the mean, and bars where runs are several and `bars` is true.

    Return the artist for the legend.
    """
    colour = COLOURS[series.colour]
    alone = _alone(points["mean"])
    (line,) = axes.plot(
        points["x"],
        points["mean"],
        color=colour,
        linestyle="--" if series.dashed else "-",
        linewidth=1.3,
        marker="o" if alone else None,
        markersize=3,
        markevery=alone or None,
    )
    barred = points[(points["n_runs"] > 1) & bars]
    ends = [barred["mean"] - barred["minimum"], barred["maximum"] - barred["mean"]]
    axes.errorbar(
        barred["x"],
        barred["mean"],
        yerr=np.maximum(ends, 0),  # the mean of equal values may be rounded past them
        fmt="none",
        ecolor=colour,
        elinewidth=0.8,
        capsize=CAP,
        capthick=0.8,
    )
    return line


def _alone(means: pd.Series) -> list[int]:
    """Return the places of points without a neighbour, which no line reaches."""
    there = np.pad(np.isfinite(means), 1)
    return np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:]).tolist()


def look(series: "Series") -> tuple[str, ...]:
    """Return the key of a line's entry in a legend."""
    return series.label, series.colour, str(series.dashed)


def mark_diverged(axes: Axes, points: pd.DataFrame, series: "Series") -> None:
    """Mark sizes at which runs diverged by a cross at the bottom of the panel."""
    x = points.loc[points["n_diverged"] > 0, "x"]
    axes.scatter(
        x,
        np.full(len(x), 0.02),
        marker="x",
        s=18,
        linewidth=1.2,
        color=COLOURS[series.colour],
        transform=axes.get_xaxis_transform(),
        clip_on=False,
        zorder=5,
    )


def diverged_entry() -> Artist:
    """Return the legend's artist for diverged runs."""
    return Line2D([], [], marker="x", color="0.3", linestyle="none", markersize=5, mew=1.2)
