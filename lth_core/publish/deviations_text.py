"""The distance between a figure and the paper's, as Markdown."""

import math
from collections.abc import Iterator, Sequence

from lth_core.publish.deviations import Deviation, Point
from lth_core.tables.columns import MEASURES

_COLUMNS = (
    *("panel", "series", "points", "mean difference", "held", "largest difference", "interval"),
    *("holds", "at", "ours", "paper", "paper's bar"),
)
_NOTE = """\
Differences are ours minus the paper's: accuracies in percentage points, early stopping in
iterations. Points: sizes that both have, and how many of them cannot be read off the paper with
certainty; these count in the mean difference, but nowhere else. The others have a reading error of
about 0.3 pixels (`config/paper/curves/README.md` translates it for each panel). Held: how many
intervals of the difference contain zero, and of how many. Intervals are the 95 % intervals of our
mean over trials, as for the claims. They treat the paper's mean as exact, though it varies as much:
if both had drawn five trials from one normal distribution, 88 % of the intervals would contain
zero."""


def markdown(figure: str, scale: str, note: str, not_run: str, found: Sequence[Deviation]) -> str:
    """Return the table of a figure's deviations.

    note: what the scale has less than published. not_run: lines that were not run, by their labels.
    Both are said first; empty if nothing.
    """
    shortfall = f"{note}; deviations mean little" if note else "as published"
    header = [_row(_COLUMNS), _row(["---", "---", *["--:"] * (len(_COLUMNS) - 2)])]
    table = "\n".join([*header, *(_row(_cells(deviation)) for deviation in found)])
    title = f"{figure} at scale {scale}: {shortfall}."
    if not_run:
        title += f" Not run: {not_run}."
    return "\n\n".join([title, table, *_furthest(found), _NOTE])


def _furthest(found: Sequence[Deviation]) -> Iterator[str]:
    """Yield which point is furthest from the paper for the width of its interval, if any is."""
    points = [(d, p) for d in found for p in d.certain if not math.isnan(p.ratio)]
    if points:
        deviation, point = max(points, key=lambda pair: pair[1].ratio)
        difference = _number(point.difference, deviation, sign=True)
        yield (
            f"Largest deviation relative to its interval: {deviation.panel.name},"
            f" {deviation.series} at {_size(point, deviation)}: {difference}, {point.ratio:.1f}"
            " times half the interval."
        )


def _cells(deviation: Deviation) -> list[str]:
    uncertain = len(deviation.points) - len(deviation.certain)
    known = [point.holds for point in deviation.certain if point.holds is not None]
    largest = deviation.largest
    return [
        deviation.panel.name,
        deviation.series,
        f"{len(deviation.points)}{f' ({uncertain} in doubt)' if uncertain else ''}",
        _number(deviation.mean, deviation, sign=True),
        f"{sum(known)} of {len(known)}",
        *([""] * 7 if largest is None else _largest(largest, deviation)),
    ]


def _largest(point: Point, deviation: Deviation) -> list[str]:
    bar, interval, holds = "", "", ""
    if not all(map(math.isnan, point.bar)):
        bar = " to ".join(_number(end, deviation) for end in point.bar)
    if point.interval is not None:
        interval = " to ".join(_number(end, deviation, sign=True) for end in point.interval)
        holds = "yes" if point.holds else "no"
    return [
        _number(point.difference, deviation, sign=True),
        interval,
        holds,
        _size(point, deviation),
        _number(point.ours.value, deviation),
        _number(point.paper, deviation),
        bar,
    ]


def _size(point: Point, deviation: Deviation) -> str:
    unit = "%" if deviation.panel.x.quantity == "percent_remaining" else "K weights"
    return f"{point.size:.4g} {unit}"


def _number(value: float, deviation: Deviation, sign: bool = False) -> str:
    """Return an accuracy in percent to two digits, or iterations; "?" where it is not known."""
    if math.isnan(value):
        return "?"
    digits = 2 if MEASURES[deviation.panel.y].unit == "%" else 0
    return f"{value:{'+' if sign else ''},.{digits}f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
