"""How figures look: theme, colours, sizes. Nothing here depends on what is drawn."""

from collections.abc import Iterable
from math import ceil

import matplotlib
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_core.config import figure as config

PANEL_HEIGHT = 2.9  # inches
DPI = 150
COLOURS = dict(zip(config.COLOURS, sns.color_palette("deep").as_hex(), strict=True))
FAINT = "0.45"  # grey of remarks


def apply_theme() -> None:
    """Set the look of everything drawn after this; a user's matplotlibrc has no say."""
    matplotlib.rcdefaults()
    sns.set_theme(context="paper", style="whitegrid", palette="deep")
    matplotlib.rcParams.update(
        {
            "font.sans-serif": ["DejaVu Sans"],  # the one that comes with matplotlib
            "axes.labelsize": 8.5,
            "axes.titlesize": 9.5,
            "legend.fontsize": 9,
            "axes.edgecolor": "0.6",
            "axes.linewidth": 0.8,
            "grid.color": "0.9",
            "grid.linewidth": 0.8,
            "svg.hashsalt": "lottery-tickets",  # otherwise ids differ from build to build
        }
    )


def panels(spec: config.Figure, number: int) -> tuple[Figure, list[Axes]]:
    """Return a figure with `number` panels, row by row."""
    apply_theme()
    columns = min(spec.columns, number)
    rows = ceil(number / columns)
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(spec.width * columns, PANEL_HEIGHT * rows + 0.5),
        layout="constrained",
        squeeze=False,
    )
    plt.close(figure)  # a notebook shows the figure where it is named, not a second time
    axes = list(grid.flat)
    for unused in axes[number:]:
        unused.remove()
    return figure, axes[:number]


def add_legend(figure: Figure, entries: dict[str, Artist]) -> None:
    """Put one legend above all panels, where it hides no data, in as few lines as fit.

    entries: drawn artists by label, in order.
    """
    for rows in range(1, len(entries) + 1):
        legend = figure.legend(
            list(entries.values()),
            list(entries),
            loc="outside upper center",
            ncols=ceil(len(entries) / rows),
        )
        if legend.get_window_extent().width <= figure.bbox.width:
            return
        legend.remove()


def merged(legends: Iterable[dict[str, Artist]]) -> dict[str, Artist]:
    """Return the entries of several panels as one legend, remarks on all lines last."""
    entries = {label: artist for legend in legends for label, artist in legend.items()}
    last = [label for label in ("paper", "diverged") if label in entries]
    return {label: entries[label] for label in [*(e for e in entries if e not in last), *last]}


def add_row_legends(grid: list[Axes], legends: list[dict[str, Artist]], columns: int) -> None:
    """Put a legend to the right of each row of panels, with the entries of that row."""
    for first in range(0, len(grid), columns):
        entries = merged(legends[first : first + columns])
        grid[min(first + columns, len(grid)) - 1].legend(
            list(entries.values()),
            list(entries),
            loc="center left",
            bbox_to_anchor=(1.01, 0.5),
            frameon=False,
        )


def add_remark(axes: Axes, text: str) -> None:
    """Write a small remark into the lower right corner of a panel."""
    axes.annotate(
        text,
        (0.98, 0.03),
        xycoords="axes fraction",
        ha="right",
        va="bottom",
        fontsize=6,
        color=FAINT,
    )
