"""The paper's own curves, read off its figures (config/paper/curves/README.md)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lth_core.figures.lines import Line
from lth_core.figures.style import COLOURS

COLUMNS = ["panel", "series", "x", "y", "y_min", "y_max", "uncertain"]
_LOOK: dict[str, Any] = {"linewidth": 3.5, "alpha": 0.28, "solid_capstyle": "round", "zorder": 1.5}
_DASHES = (0, (1.6, 0.8))  # in line widths


def read(path: Path | None) -> pd.DataFrame:
    """Read the curves of one figure; without a file there are none."""
    if path is None:
        return pd.DataFrame(columns=COLUMNS)
    curves = pd.read_csv(path)
    if list(curves.columns) != COLUMNS:
        raise ValueError(f"{path}: columns are {list(curves.columns)}, should be {COLUMNS}")
    return curves


def draw(axes: Axes, curves: pd.DataFrame, panel: str, drawn: Iterable[Line]) -> bool:
    """Draw the curves of `panel` lightly behind ours; return whether there were any.

    drawn: our lines, which bear the names of series in the file; other series are not drawn.
    """
    there = False
    for line in drawn:
        own = (curves["panel"] == panel) & (curves["series"] == line.name)
        curve, series = curves[own].sort_values("x"), line.series
        if curve.empty:
            continue
        there = True
        style = _DASHES if series.dashed else "-"
        axes.plot(curve["x"], curve["y"], color=COLOURS[series.colour], linestyle=style, **_LOOK)
    return there


def entry() -> Artist:
    """Return the legend's artist for the paper's curves."""
    return Line2D([], [], color="0.3", **_LOOK)
