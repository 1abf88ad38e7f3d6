"""A measure of an experiment over sizes: the arrays that estimators work on."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self
from zlib import crc32

import numpy as np

from lth_core.config.measured import REACH

# Neighbouring sizes that are further apart than this factor are not read between.
WIDEST = 6.0


class Missing(Exception):
    """Results that a claim needs are not there; the message says which."""


class Undefined(Exception):
    """All runs that a number rests on diverged."""


@dataclass(frozen=True)
class ByTrial:
    """Arrays with a row a trial: `values` (trials, n)."""

    name: str
    values: np.ndarray

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean over trials, NaN where all diverged."""
        return mean_over_trials(self.values)

    def take(self, trials: np.ndarray) -> Self:
        """Return the same of these trials, which may repeat."""
        return replace(self, values=self.values[trials])


@dataclass(frozen=True)
class Curve(ByTrial):
    """One measure of one experiment.

    values: (trials, sizes), replicates averaged; NaN where a run diverged, which leaves it out of
    means, as in the figures. sizes: (sizes,) in order of the rounds, on the axis `x`. cut_off:
    (trials, sizes), whether a run of them ended before what is counted in iterations had happened.
    """

    x: str
    rounds: np.ndarray
    sizes: np.ndarray
    cut_off: np.ndarray
    # How sizes are read, which all resamples share.
    readings: dict[Any, np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def unit(self) -> str:
        """Unit of the sizes."""
        return {"percent": "%", "round": "rounds"}.get(self.x, self.x)

    @property
    def dense(self) -> float:
        """Mean of the dense network. Raises Missing where round 0 is not run."""
        if self.rounds[0] != 0:
            raise Missing(f"{self.name} has no dense network")
        return float(self.mean[0])

    def value(self, size: float | tuple[float, float]) -> float:
        """Return the mean at a size, or the mean over a range of sizes.

        A size is read on the drawn line between its neighbours if need be. A range by rounds is
        the mean of the rounds themselves, else of sizes from one end to the other that shrink by
        about a fifth each, so that experiments with other ladders compare.

        Raises Missing where the runs do not surround a size, or not closely enough.
        """
        if size not in self.readings:
            self.readings[size] = self._over(*size) if isinstance(size, tuple) else self._at(size)
        shares = self.readings[size]
        read = np.flatnonzero(shares)
        return float(self.mean[read] @ shares[read])

    def later(self, draw: int) -> Self:
        """Return the same with runs that are cut off going on, each for another while.

        draw: which of the many ways in which they may.
        """
        rng = np.random.default_rng((crc32(self.name.encode()), draw))
        longer = rng.uniform(1, 2, self.values.shape)
        return replace(self, values=np.where(self.cut_off, longer, 1) * self.values)

    def within(self, first: float, last: float) -> np.ndarray:
        """Return the places of the sizes from `first` to `last`, ends included.

        Raises Missing where the runs do not reach `last`.
        """
        low, high = min(first, last), max(first, last)
        reached = self.sizes.max() >= high if self.x == "round" else self.sizes.min() <= REACH * low
        if not reached:
            raise Missing(f"{self.name} is not run to {last:g} {self.unit}")
        least, most = low - self._rounding(low), high + self._rounding(high)
        return np.flatnonzero((self.sizes >= least) & (self.sizes <= most))

    def _rounding(self, size: float) -> float:
        """Return how far from `size` a run's may lie: the paper prints 1.851 % as 1.9."""
        return max(0.015 * size, 0.05 if self.x == "percent" else 0.0)

    def _at(self, size: float) -> np.ndarray:
        """Return the share of each size in the reading at `size`."""
        shares = np.zeros(len(self.sizes))
        nearest = int(np.argmin(np.abs(self.sizes - size)))
        if abs(self.sizes[nearest] - size) <= self._rounding(size):
            shares[nearest] = 1
            return shares
        below, above = np.flatnonzero(self.sizes < size), np.flatnonzero(self.sizes > size)
        if self.x in ("round", "units") or not below.size or not above.size:
            raise Missing(f"{self.name} has no {size:g} {self.unit}")
        low = below[np.argmax(self.sizes[below])]
        high = above[np.argmin(self.sizes[above])]
        steps = np.log(self.sizes[high] / self.sizes[low])
        if steps > np.log(WIDEST):
            raise Missing(f"{self.name} has no sizes near {size:g} {self.unit}")
        shares[high] = np.log(size / self.sizes[low]) / steps
        shares[low] = 1 - shares[high]
        return shares

    def _over(self, first: float, last: float) -> np.ndarray:
        """Return the share of each size in the mean over a range, whichever end comes first."""
        places = self.within(first, last)
        if self.x == "round":
            return np.isin(np.arange(len(self.sizes)), places) / len(places)
        largest, smallest = max(first, last), min(first, last)
        steps = max(1, round(np.log(smallest / largest) / np.log(0.8)))
        grid = np.geomspace(largest, smallest, steps + 1)
        read = [self._at(size) for size in grid if size + self._rounding(size) >= self.sizes.min()]
        return np.asarray(np.mean(read, axis=0))


@dataclass(frozen=True)
class Histogram(ByTrial):
    """Densities, the values (trials, bins), between edges `left` and `right` (bins,)."""

    left: np.ndarray
    right: np.ndarray

    @property
    def middle(self) -> np.ndarray:
        """Middles of the bins."""
        return (self.left + self.right) / 2

    @property
    def width(self) -> np.ndarray:
        """Widths of the bins."""
        return self.right - self.left


def mean_over_trials(values: np.ndarray) -> np.ndarray:
    """Return the mean of each column without NaN, NaN where there is nothing else."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))
