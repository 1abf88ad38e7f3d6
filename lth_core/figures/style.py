"""How figures look: theme, colours, sizes. Nothing here depends on what is drawn."""

from math import ceil
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

PANEL_INCHES = (3.7, 2.7)
DPI = 150
_NAMES = ["blue", "orange", "green", "red", "purple", "brown", "pink", "grey", "olive", "cyan"]
COLOURS = dict(zip(_NAMES, sns.color_palette("deep"), strict=True))
FAINT = "0.45"  # grey of remarks and of the paper's range


def apply_theme() -> None:
    """Set the look of everything drawn after this; a user's matplotlibrc has no say."""
    matplotlib.rcdefaults()
    sns.set_theme(style="whitegrid", context="paper", font="DejaVu Sans", font_scale=1.05)
    matplotlib.rcParams.update(
        {
            "figure.dpi": 100,
            "axes.edgecolor": "0.6",
            "grid.color": "0.9",
            "legend.frameon": False,
            "svg.hashsalt": "lottery-tickets",  # otherwise ids differ from build to build
        }
    )


def panels(number: int, columns: int) -> tuple[Figure, list[Axes]]:
    """Return a figure with `number` panels, row by row."""
    apply_theme()
    columns = min(columns, number)
    rows = ceil(number / columns)
    width, height = PANEL_INCHES
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(width * columns, height * rows + 0.5),
        layout="constrained",
        squeeze=False,
    )
    plt.close(figure)  # a notebook shows the figure where it is named, not a second time
    axes = list(grid.flat)
    for unused in axes[number:]:
        unused.remove()
    return figure, axes[:number]


def add_legend(figure: Figure, entries: dict[str, Any]) -> None:
    """Put one legend above all panels, where it hides no data.

    entries: drawn artists by label, in order.
    """
    letters = sum(len(label) + 6 for label in entries)
    per_line = 12 * figure.get_figwidth()
    rows = ceil(letters / per_line)
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside upper center",
        ncols=ceil(len(entries) / rows),
    )
