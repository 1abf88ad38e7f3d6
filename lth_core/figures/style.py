"""Style of figures: theme, colours, sizes. Nothing here depends on what is drawn."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from math import ceil
from textwrap import fill, wrap

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from lth_core.config import figure as config


@contextmanager
def _hidden(module: str) -> Iterator[None]:
    """Have `module` seem not to be installed."""
    loaded = sys.modules.pop(module, None)
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]
        if loaded:
            sys.modules[module] = loaded


# seaborn draws what is needed here without scipy, which takes longer to load than all else.
with _hidden("scipy"):
    import seaborn as sns

PANEL_HEIGHT = 2.9  # inches
DPI = 150
COLOURS = dict(zip(config.COLOURS, sns.color_palette("deep").as_hex(), strict=True))
FAINT = "0.45"  # grey of notes
_SHORTEST = 8  # characters of a line that are not broken further
_NOTE = 7  # points, the height of a note

# Drawn artists by what they look like; of each the first word is the label in the legend.
Entries = dict[tuple[str, ...], Artist]
PAPER, DIVERGED = ("paper",), ("diverged",)


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
            "svg.fonttype": "none",  # text stays text: searchable, and a third smaller
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


def add_legend(figure: Figure, entries: Entries) -> None:
    """Put one legend above all panels, where it hides no data, in as few lines as fit.

    entries: drawn artists in order. Labels that are too long for the figure are broken.
    """
    if not entries:
        return

    legend = partial(figure.legend, handles=list(entries.values()), loc="outside upper center")
    labels = [key[0] for key in entries]
    for rows in range(1, len(entries) + 1):
        drawn = legend(labels=labels, ncols=ceil(len(entries) / rows))
        if drawn.get_window_extent().width <= figure.bbox.width:
            break
        drawn.remove()
    else:
        drawn = _fitting(legend, labels, figure.bbox.width)
    height = drawn.get_window_extent().height
    if height > figure.bbox.height / 2:
        figure.set_figheight((figure.bbox.height + height) / figure.dpi)


def merged(legends: Iterable[Entries]) -> Entries:
    """Return the entries of several panels as one legend, remarks on all lines last."""
    entries = {key: artist for legend in legends for key, artist in legend.items()}
    last = [key for key in (PAPER, DIVERGED) if key in entries]
    return {key: entries[key] for key in [*(e for e in entries if e not in last), *last]}


def add_row_legends(figure: Figure, grid: list[Axes], legends: list[Entries], columns: int) -> None:
    """Put a legend to the right of each row of panels, with the entries of that row.

    Labels that would make it wider than half of the figure are broken.
    """
    tallest = 0.0
    for first in range(0, len(grid), columns):
        entries = merged(legends[first : first + columns])
        if not entries:
            continue
        legend = partial(
            grid[min(first + columns, len(grid)) - 1].legend,
            handles=list(entries.values()),
            loc="center left",
            bbox_to_anchor=(1.01, 0.5),
            frameon=False,
        )
        drawn = _fitting(legend, [key[0] for key in entries], figure.bbox.width / 2)
        tallest = max(tallest, drawn.get_window_extent().height)
    rows = ceil(len(grid) / columns)
    if tallest > figure.bbox.height / rows:
        figure.set_figheight(tallest * rows / figure.dpi + 0.5)


def _fitting(legend: Callable[..., Legend], labels: list[str], width: float) -> Legend:
    """Return a legend with its labels broken where it would be wider than `width` pixels."""
    drawn = legend(labels=labels)
    length = max(map(len, labels), default=0)
    while drawn.get_window_extent().width > width and length > _SHORTEST:
        drawn.remove()
        length = length * 4 // 5
        drawn = legend(labels=[_broken(label, length) for label in labels])
    return drawn


def _broken(label: str, length: int) -> str:
    """Return a label in lines of at most `length` characters, its formulas whole."""
    whole = re.sub(r"\$[^$]*\$", lambda formula: formula[0].replace(" ", "\0"), label)
    return fill(whole, length, break_long_words="$" not in label).replace("\0", " ")


def mark_not_run(axes: Axes) -> None:
    """Say in an empty panel that nothing of it was run."""
    axes.text(
        *(0.5, 0.5, "not run"),
        transform=axes.transAxes,
        ha="center",
        va="center",
        fontsize=11,
        style="italic",
        color=FAINT,
    )


def add_notes(axes: Axes, notes: Iterable[str]) -> None:
    """Write small notes between a panel and its title, where they lie over no data."""
    points = axes.bbox.width * 72 / axes.figure.dpi
    # A letter is a bit more than half as wide as high.
    length = max(_SHORTEST, int(points / _NOTE * 1.8))
    lines = [line for note in notes for line in wrap(note, length)]
    if not lines:
        return
    axes.annotate(
        "\n".join(lines),
        (1, 1),
        (0, 2),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=_NOTE,
        color=FAINT,
    )
    pad = matplotlib.rcParams["axes.titlepad"] + 1.2 * _NOTE * len(lines)
    axes.set_title(axes.get_title(), pad=pad)
