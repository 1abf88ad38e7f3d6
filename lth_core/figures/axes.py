"""Axes: sizes of networks (dense at the left), iterations and accuracies."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lth_core.config.figures import Limits, XAxis
from lth_core.figures.style import FAINT

_PADDING = 0.03  # of the axis, at either end
_WEIGHTS_PER_UNIT = {"percent_remaining": 1, "weights_remaining": 1000}


def size_values(axis: XAxis, column: np.ndarray) -> np.ndarray:
    """Return the summary's column in the units of the axis: percent, or thousands of weights."""
    return column / _WEIGHTS_PER_UNIT[axis.quantity]


def set_size_axis(axes: Axes, axis: XAxis, values: Iterable[float]) -> None:
    """Draw the horizontal axis, with the paper's ticks, over its limits and all `values`."""
    drawn = [*axis.limits, *values]
    left, right = max(drawn), min(drawn)
    if axis.scale == "log":
        axes.set_xscale("log")
        padding = (left / right) ** _PADDING
        axes.set_xlim(left * padding, right / padding)
    else:
        padding = (left - right) * _PADDING
        axes.set_xlim(left + padding, right - padding)
    axes.xaxis.set_major_locator(FixedLocator(axis.ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{x:.4g}" if x == 100 else f"{x:.1f}")
    )
    axes.set_xlabel(axis.label)


def widened(limits: Limits, lines: Iterable[np.ndarray]) -> Limits:
    """Return the paper's range, widened to hold every line of which over half lies outside.

    As in the paper a line may leave the panel (very sparse networks are far less accurate),
    but below the paper's scale none is lost from sight.
    """
    low, high = limits
    for line in lines:
        values = line[np.isfinite(line)]
        inside = (values >= limits[0]) & (values <= limits[1])
        if values.size and inside.mean() < 0.5:
            padding = (limits[1] - limits[0]) * _PADDING
            low = min(low, float(values.min()) - padding)
            high = max(high, float(values.max()) + padding)
    return low, high


def set_value_axis(axes: Axes, paper: Limits, limits: Limits, label: str) -> None:
    """Draw the vertical axis; where it is wider than the paper's, dotted lines mark its ends."""
    axes.set_ylim(limits)
    for edge, own in zip(paper, limits, strict=True):
        if edge != own:
            axes.axhline(edge, color=FAINT, linestyle=":", linewidth=0.8, zorder=1)
            axes.annotate(
                "the paper's range " + ("starts" if edge == paper[0] else "ends") + " here",
                (0.99, edge),
                (0, 1),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                ha="right",
                va="bottom",
                fontsize=6,
                color=FAINT,
            )
    if paper[1] > 1000:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y / 1000:g}K" if y else "0"))
    axes.set_ylabel(label)


def set_iteration_axis(axes: Axes, limits: Limits) -> None:
    """Draw a horizontal axis of training iterations."""
    axes.set_xlim(limits)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel("Training Iterations")
