"""Axes: sizes of networks (dense at the left), iterations and accuracies."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lth_core.config.figure import Limits
from lth_core.config.pruning_figures import XAxis
from lth_core.figures.style import FAINT

_PADDING = 0.03  # of the axis, at either end
_APART = 0.36  # inches, at least, between ticks that are not given


def set_size_axis(axes: Axes, axis: XAxis, sizes: Iterable[float]) -> None:
    """Draw the horizontal axis over its limits and all `sizes`, with its ticks.

    Without ticks it has those sizes that there is room for.
    """
    sizes = list(sizes)
    drawn = [*(axis.limits or ()), *sizes] or [1.0]
    left, right = max(drawn), min(drawn)
    if left == right:
        left, right = left * 1.1 + 0.1, right / 1.1
    if axis.scale == "log":
        axes.set_xscale("log")
        padding = (left / right) ** _PADDING
        axes.set_xlim(left * padding, right / padding)
    else:
        padding = (left - right) * _PADDING
        axes.set_xlim(left + padding, right - padding)
    ticks = _ticks_at(sizes, axes) if axis.ticks is None else axis.ticks
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    whole = all(tick == int(tick) for tick in ticks)
    below = (lambda x: f"{x:.1f}") if axis.ticks else _short
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{x:.4g}" if whole or x >= 100 else below(x))
    )
    axes.set_xlabel(axis.label)


def _ticks_at(sizes: Iterable[float], axes: Axes) -> list[float]:
    """Return sizes, from the largest on, whose labels don't touch on the axis as it is."""
    ticks: list[float] = []
    reached = -np.inf  # in pixels
    for size in sorted(set(sizes), reverse=True):
        place = axes.transData.transform((size, 1))[0]
        if place - reached >= _APART * axes.figure.dpi:
            ticks.append(size)
            reached = place
    return ticks


def _short(size: float) -> str:
    return f"{size:.1f}" if size >= 1 else f"{size:.2g}"


def widened(limits: Limits, lines: Iterable[pd.DataFrame]) -> Limits:
    """Return the paper's range, widened to hold every line of which over half lies outside.

    lines: mean, minimum and maximum; the bars are held too. As in the paper a line may leave
    the panel (very sparse networks are far less accurate), but below the paper's scale none is
    lost from sight.
    """
    low, high = limits
    padding = (limits[1] - limits[0]) * _PADDING
    for line in lines:
        values = line[np.isfinite(line["mean"])]
        if len(values) and values["mean"].between(*limits).mean() < 0.5:
            least, most = values["minimum"].min(), values["maximum"].max()
            low = min(low, float(least) - padding) if least < limits[0] else low
            high = max(high, float(most) + padding) if most > limits[1] else high
    return low, high


def shortened(limits: Limits, lines: Iterable[pd.DataFrame]) -> Limits:
    """Return a range of iterations, cut above our lines where runs are much shorter than it.

    Where the bars of all lines end in the lowest third, as they must where a scale trains less,
    the lines would lie on the bottom of the paper's range.
    """
    highest = np.nanmax([0.0, *(line["maximum"].max() for line in lines)])
    if 0 < highest < limits[1] / 3:
        return limits[0], float(highest) * (1 + _PADDING)
    return limits


def set_value_axis(
    axes: Axes, paper: Limits | None, lines: list[pd.DataFrame], label: str, unit: str = ""
) -> list[str]:
    """Draw the vertical axis of what has been drawn; only one of iterations may be shortened.

    Where it is wider than the paper's, dotted lines mark that one's ends. Return notes on that, and
    on an axis that is shorter. Without the paper's it is as wide as the data.
    """
    notes, marked = [], []
    if paper is not None:
        limits = widened(paper, lines)
        if unit == "iterations":
            limits = shortened(limits, lines)
        axes.set_ylim(limits)
        if limits[1] < paper[1]:
            notes.append(f"at paper scale the axis ends at {_thousands(paper[1])}")
        for edge, own in zip(paper, limits, strict=True):
            if limits[0] < edge < limits[1] and edge != own:
                axes.axhline(edge, color=FAINT, linestyle=":", linewidth=0.8, zorder=1)
                marked.append("starts" if edge == paper[0] else "ends")
    if marked:
        notes.append(f"dotted: where the axis {' and '.join(marked)} at paper scale")
    if axes.get_ylim()[1] > 5000:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: _thousands(y)))
    axes.set_ylabel(label)
    return notes


def _thousands(value: float) -> str:
    return f"{value / 1000:g}K" if value else "0"


def iteration_limits(limits: Limits, last: float) -> Limits:
    """Return the range of iterations shown: the paper's, unless training is much shorter.

    last: the last iteration of all curves. Where that is less than a third of the paper's
    range, as at scale smoke, the axis ends there, and starts at 0 if it would start later.
    """
    if not 0 < last < limits[1] / 3:
        return limits
    return (limits[0] if limits[0] < last else 0.0), last


def set_iteration_axis(axes: Axes, limits: Limits) -> None:
    """Draw a horizontal axis of training iterations."""
    axes.set_xlim(limits)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel("Training Iterations")


def iterations_text(iterations: Iterable[int]) -> str:
    """Return 50,000 as "50,000", and 20,000, 25,000 and 30,000 as "20K/25K/30K"."""
    values = sorted({int(iteration) for iteration in iterations})
    if len(values) == 1:
        return f"{values[0]:,}"
    if any(value % 1000 for value in values):
        return "/".join(f"{value:,}" for value in values)
    return "/".join(_thousands(value) for value in values)
