"""Distance of our lines from the paper's, as read off its figures."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lth_core.claims.estimate import Estimate, estimate
from lth_core.claims.tables import Tables
from lth_core.config.pruning_figures import PruningCurves, PruningPanel
from lth_core.config.run_estimators import Value
from lth_core.tables.columns import MEASURES

# Sizes read off the paper are rounded, ours are not: the same to 0.1 %. Neighbours are 2.5 % apart.
SAME_SIZE = 0.005


@dataclass(frozen=True)
class Point:
    """A size at which there is the paper's value and ours; accuracies in percent.

    size: percent or thousands of weights, as on the panel's axis. ours: mean over trials. bar: ends
    of the paper's error bar, NaN where they can't be seen. uncertain: the paper's value is read
    with doubt.
    """

    size: float
    ours: Estimate
    paper: float
    bar: tuple[float, float]
    uncertain: bool

    @property
    def difference(self) -> float:
        """Ours less the paper's."""
        return self.ours.value - self.paper

    @property
    def interval(self) -> tuple[float, float] | None:
        """Interval of the difference; None with one trial, or where runs diverged."""
        low, high = self.ours.low, self.ours.high
        if low is None or high is None or math.isnan(low + high):
            return None
        return low - self.paper, high - self.paper

    @property
    def holds(self) -> bool | None:
        """Whether the interval holds zero; None without one."""
        return self.interval and self.interval[0] <= 0 <= self.interval[1]

    @property
    def ratio(self) -> float:
        """Size of the difference in halves of the interval; NaN where that has no width."""
        low, high = self.interval or (0.0, 0.0)
        return 2 * abs(self.difference) / (high - low) if high > low else math.nan


@dataclass(frozen=True)
class Deviation:
    """A line of a panel beside the paper's: their common sizes, decreasing."""

    panel: PruningPanel
    series: str
    points: tuple[Point, ...]

    @property
    def certain(self) -> list[Point]:
        """Points at which the paper's value is read without doubt."""
        return [point for point in self.points if not point.uncertain]

    @property
    def mean(self) -> float:
        """Mean difference over all points, NaN without any."""
        return float(np.mean([p.difference for p in self.points])) if self.points else math.nan

    @property
    def largest(self) -> Point | None:
        """The certain point with the largest difference."""
        return max(self.certain, key=lambda point: abs(point.difference), default=None)


def deviations(
    spec: PruningCurves, folders: Mapping[str, Path], paper: pd.DataFrame
) -> Iterator[Deviation]:
    """Yield each line that has a curve of the paper and a table, panel by panel.

    folders: of the tables that there are, by experiment. paper: panel, series, x (percent, or
    thousands of weights), y (accuracies from 0 to 1), y_min, y_max, uncertain. Sizes at which all
    our runs diverged are left out.
    """
    tables = Tables(folders, {}, list(folders))
    for panel in spec.panels:
        for series in spec.shown(panel):
            name = series.experiment
            read = paper[(paper["panel"] == panel.name) & (paper["series"] == name)]
            if name in folders and not read.empty:
                points = _points(panel, _statistic(panel, name, folders), read, tables)
                yield Deviation(panel, name, tuple(points))


def _statistic(panel: PruningPanel, experiment: str, folders: Mapping[str, Path]) -> Value:
    """Return what the panel shows of an experiment, of the dense network."""
    of = None
    if panel.at is not None:
        summary = pd.read_parquet(folders[experiment] / "summary.parquet")
        of = int(summary["iterations"].max())
    return Value(
        estimator="value",
        experiment=experiment,
        y=panel.y,
        at=panel.at,
        of=of,
        x="percent" if panel.x.quantity == "percent_remaining" else "weights",
        size=100.0,
    )


def _points(
    panel: PruningPanel, statistic: Value, read: pd.DataFrame, tables: Tables
) -> Iterator[Point]:
    curve = tables.curve(statistic.experiment, statistic)
    factor = MEASURES[panel.y].factor
    for size, mean in zip(curve.sizes, curve.mean, strict=True):
        drawn = size / panel.x.per_unit
        near = read[np.isclose(read["x"], drawn, rtol=SAME_SIZE, atol=0)]
        if near.empty or np.isnan(mean):
            continue
        row = near.iloc[0]
        yield Point(
            size=float(drawn),
            ours=estimate(statistic.model_copy(update={"size": float(size)}), tables),
            paper=factor * float(row["y"]),
            bar=(factor * float(row["y_min"]), factor * float(row["y_max"])),
            uncertain=bool(row["uncertain"]),
        )
