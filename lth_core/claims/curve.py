"""A measure of an experiment over sizes: the arrays that estimators work on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


class Missing(Exception):
    """Results that a claim needs are not there; the message says which."""


@dataclass(frozen=True)
class Curve:
    """One measure of one experiment.

    sizes: (sizes,) in order of the rounds, on the axis `x`. values: (trials, sizes), replicates
    averaged; NaN where a run diverged, which leaves it out of means, as in the figures.
    """

    name: str
    x: str
    rounds: np.ndarray
    sizes: np.ndarray
    values: np.ndarray

    @property
    def unit(self) -> str:
        """Unit of the sizes."""
        return {"percent": "%", "round": "rounds"}.get(self.x, self.x)

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean over trials, NaN where all diverged."""
        return mean_over_trials(self.values)

    @property
    def dense(self) -> float:
        """Mean of the dense network. Raises Missing where round 0 is not run."""
        if self.rounds[0] != 0:
            raise Missing(f"{self.name} has no dense network")
        return float(self.mean[0])

    def take(self, trials: np.ndarray) -> "Curve":
        """Return the curve of these trials, which may repeat."""
        return Curve(self.name, self.x, self.rounds, self.sizes, self.values[trials])

    def at(self, size: float) -> float:
        """Return the mean at a size, on the drawn line between neighbours if need be.

        Raises Missing where the runs do not surround the size, or are more than a factor 6 apart.
        """
        nearest = int(np.argmin(np.abs(self.sizes - size)))
        if abs(self.sizes[nearest] - size) <= 0.015 * size:
            return float(self.mean[nearest])
        below, above = self.sizes[self.sizes < size], self.sizes[self.sizes > size]
        if self.x in ("round", "units") or not below.size or not above.size:
            raise Missing(f"{self.name} has no {size:g} {self.unit}")
        if above.min() > 6 * below.max():
            raise Missing(f"{self.name} has no sizes near {size:g} {self.unit}")
        order = np.argsort(self.sizes)
        return float(np.interp(np.log(size), np.log(self.sizes[order]), self.mean[order]))

    def within(self, first: float, last: float) -> np.ndarray:
        """Return the places of the sizes from `first` to `last`, ends included.

        Raises Missing where the runs do not reach `last`.
        """
        low, high = min(first, last), max(first, last)
        reached = self.sizes.max() >= high if self.x == "round" else self.sizes.min() <= 1.25 * low
        if not reached:
            raise Missing(f"{self.name} is not run to {last:g} {self.unit}")
        return np.flatnonzero((self.sizes >= low / 1.015) & (self.sizes <= high * 1.015))

    def over(self, first: float, last: float) -> float:
        """Return the mean over sizes from `first` to `last`.

        By rounds it is over the rounds themselves, else over sizes that shrink by a fifth each,
        so that experiments with other ladders compare.
        """
        if self.x == "round":
            return float(np.nanmean(self.mean[self.within(first, last)]))
        self.within(first, last)
        steps = int(np.floor(np.log(last / first) / np.log(0.8) + 1e-9))
        grid = first * 0.8 ** np.arange(steps + 1)
        grid = grid[grid >= self.sizes.min()]
        return float(np.mean([self.at(size) for size in grid]))

    def value(self, size: float | tuple[float, float]) -> float:
        """Return the mean at a size, or over a range."""
        return self.over(*size) if isinstance(size, tuple) else self.at(size)


@dataclass(frozen=True)
class Histogram:
    """Densities (trials, bins) between edges `left` and `right` (bins,)."""

    name: str
    left: np.ndarray
    right: np.ndarray
    densities: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean density over trials."""
        return np.asarray(self.densities.mean(axis=0))

    @property
    def middle(self) -> np.ndarray:
        """Middles of the bins."""
        return (self.left + self.right) / 2

    @property
    def width(self) -> np.ndarray:
        """Widths of the bins."""
        return self.right - self.left

    def take(self, trials: np.ndarray) -> "Histogram":
        """Return the histogram of these trials, which may repeat."""
        return Histogram(self.name, self.left, self.right, self.densities[trials])


def mean_over_trials(values: np.ndarray) -> np.ndarray:
    """Return the mean of each column without NaN, NaN where there is nothing else."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))
