"""The paper's own curves, read off its figures (config/paper/curves/README.md)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lth_core.figures.style import COLOURS

COLUMNS = ["panel", "series", "x", "y", "y_min", "y_max", "uncertain"]
_LOOK: dict[str, Any] = {"linewidth": 3.5, "alpha": 0.28, "solid_capstyle": "round", "zorder": 1.5}


def read(path: Path | None) -> pd.DataFrame:
    """Read the curves of one figure; without a file there are none."""
    if path is None:
        return pd.DataFrame(columns=COLUMNS)
    curves = pd.read_csv(path)
    if list(curves.columns) != COLUMNS:
        raise ValueError(f"{path}: columns are {list(curves.columns)}, should be {COLUMNS}")
    return curves


def draw(axes: Axes, curves: pd.DataFrame, panel: str, colours: Mapping[str, str]) -> bool:
    """Draw the curves of `panel` lightly behind ours; return whether there were any.

    colours: colour names by series of the file; its other series are not drawn.
    """
    shown = curves[(curves["panel"] == panel) & curves["series"].isin(list(colours))]
    for series, curve in shown.groupby("series", sort=False):
        curve = curve.sort_values("x")
        axes.plot(curve["x"], curve["y"], color=COLOURS[colours[str(series)]], **_LOOK)
    return not shown.empty


def entry() -> Artist:
    """Return the legend's artist for the paper's curves."""
    return Line2D([], [], color="0.3", **_LOOK)
