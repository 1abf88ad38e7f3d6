"""Points of a figure, read from its CSV."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lth_core.errors import Failure


class NoSuchPoint(Failure):
    """A point is not in a figure, or not in one place only; says what there is."""


class Point(NamedTuple):
    """One drawn point, and its lines of the CSV: several where rounds have equally many weights.

    x: percent or thousands of weights, an iteration, the left edge of a bin, or hidden units.
    """

    panel: str
    series: str
    x: float
    rows: tuple[Mapping[str, str], ...]


def read_points(path: Path) -> list[Point]:
    """Return the points in a figure's CSV, in its order.

    Raises NoSuchPoint where the figure draws no results of runs.
    """
    found: dict[tuple[str, str, float], list[Mapping[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            panel = row.get("panel") or row.get("quantity") or ""
            series = row.get("series") or row.get("experiment")
            x = row.get("x") or row.get("left") or row.get("units")
            if series is None or x is None:
                raise NoSuchPoint(f"{path}: it draws no points of runs; columns {', '.join(row)}")
            found.setdefault((panel, series, float(x)), []).append(row)
    return [Point(*place, tuple(rows)) for place, rows in found.items()]


def select(points: Sequence[Point], text: str, panel: str | None) -> Point:
    """Return the point that `SERIES@X` means, X written as precisely as one likes.

    Raises NoSuchPoint naming what there is instead: series, positions or panels.
    """
    name, _, position = text.rpartition("@")
    try:
        x = float(position)
    except ValueError:
        example = f"{points[0].series}@{points[0].x:.4g}" if points else "lenet_imp@51.3"
        raise NoSuchPoint(f"{text}: should be SERIES@X, such as {example}") from None
    known = dict.fromkeys(point.series for point in points)
    panels = dict.fromkeys(point.panel for point in points)
    if panel is not None and panel not in panels:
        raise NoSuchPoint(f"{text}: no panel {panel!r}. There are: {', '.join(panels)}")
    line = [p for p in points if p.series == name and panel in (None, p.panel)]
    if not line:
        where = f" in panel {panel}" if panel else ""
        raise NoSuchPoint(f"{text}: no series {name!r}{where}. There are: {', '.join(known)}")
    decimals = len(position.partition(".")[2])
    near = [p for p in line if abs(p.x - x) <= 0.5 * 10.0**-decimals * (1 + 1e-9)]
    if not near:
        there = dict.fromkeys(f"{p.x:.6g}" for p in line)
        raise NoSuchPoint(f"{text}: {name} has no point there, but at {', '.join(there)}")
    nearest = min(abs(p.x - x) for p in near)
    chosen = [p for p in near if abs(p.x - x) == nearest]
    if len(chosen) > 1:
        names = ", ".join(p.panel for p in chosen)
        raise NoSuchPoint(f"{text} is drawn in several panels: choose one with --panel: {names}")
    return chosen[0]
