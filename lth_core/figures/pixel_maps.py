"""Figures of the pixels that the first layer of a ticket reads."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from lth_core.config.pixel_figures import PixelMaps
from lth_core.figures import runs, style

COLOURS = "mako"  # of seaborn, from black; readable in grey
NUMBERS = ["panel", "round", "row", "column", "weights"]


def draw(spec: PixelMaps, pixels: pd.DataFrame) -> tuple[Figure, pd.DataFrame, pd.DataFrame]:
    """Return the figure, the numbers in it and the runs behind them (lth_core/figures/runs.py).

    pixels: of lth_core/jobs/pixels.py. The numbers are panel, round, row, column and weights, the
    mean over the runs of the round. Every map has colours of its own, from 0 to its largest value.
    """
    there = sorted(pixels["round"].unique())
    wanted = {max(number for number in there if number <= round_) for round_ in spec.rounds}
    figure, grid = style.panels(spec, len(wanted))
    figure.set_figheight(figure.get_figheight() * spec.width / style.PANEL_HEIGHT)
    numbers, behind = [], []
    for axes, number in zip(grid, sorted(wanted), strict=True):
        rows = pixels[pixels["round"] == number]
        means = rows.groupby(["row", "column"], as_index=False)["weights"].mean()
        title = f"{rows['percent_remaining'].mean():.1f}% remaining"
        show(axes, means)
        axes.set_title(title)
        axes.set_xlabel(f"0 to {means['weights'].max():.3g} weights a pixel")
        numbers.append(means.assign(panel=title, round=number)[NUMBERS])
        one_a_run = rows.drop_duplicates(["trial", "replicate"])
        behind.append(runs.pooled(one_a_run, "weights", title, series=""))
    return figure, pd.concat(numbers, ignore_index=True), runs.table(behind)


def show(axes: Axes, means: pd.DataFrame) -> AxesImage:
    """Show the weights of each pixel (columns row, column, weights), and no ticks."""
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    return axes.imshow(image(means), cmap=COLOURS, vmin=0)


def image(means: pd.DataFrame) -> np.ndarray:
    """Return the weights of each pixel as an image (rows, columns)."""
    return means.pivot_table(index="row", columns="column", values="weights").to_numpy()
