"""Estimating one statistic: its value, and an interval from resampled trials."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.stats import bootstrap

from lth_core.claims import config_estimators, histogram_estimators, run_estimators
from lth_core.claims.tables import Tables, View
from lth_core.config import estimators as models

LEVEL = 0.95
RESAMPLES = 999
SEED = 1803_03635

Estimator = Callable[[Any, View], float]
_MODULES = (run_estimators, histogram_estimators, config_estimators)


@dataclass(frozen=True)
class Estimate:
    """A statistic: its value, its interval, and the number of trials.

    low and high are None with fewer than two trials. n is None for exact statements about the
    config, which have no trials.
    """

    value: float
    low: float | None
    high: float | None
    n: int | None


def estimate(statistic: Any, tables: Tables) -> Estimate:
    """Return the statistic with its 95 % percentile bootstrap interval over trials.

    A trial is the unit: its replicates are averaged, and experiments with as many trials are
    resampled together, since a control shares its trials with its ticket. With three to five
    trials such intervals are too narrow rather than too wide.

    Raises Missing where results are not there.
    """
    view = View(tables)
    value = compute(statistic, view)
    counts = sorted(view.trials)
    if not counts:
        return Estimate(value, None, None, None)
    if counts[0] < 2:
        return Estimate(value, None, None, counts[0])

    def resampled(*rows: np.ndarray) -> float:
        drawn = {count: row.astype(int) for count, row in zip(counts, rows, strict=True)}
        return compute(statistic, View(tables, drawn))

    found = bootstrap(
        tuple(np.arange(count) for count in counts),
        resampled,
        n_resamples=RESAMPLES,
        confidence_level=LEVEL,
        method="percentile",
        vectorized=False,
        rng=np.random.default_rng(SEED),
    )
    interval = found.confidence_interval
    return Estimate(value, float(interval.low), float(interval.high), counts[0])


def compute(statistic: Any, view: View) -> float:
    """Return the statistic's value by the function named like its estimator."""
    if isinstance(statistic, models.Contrast):
        return compute(statistic.first, view) - compute(statistic.second, view)
    return estimator(statistic.estimator)(statistic, view)


def estimator(name: str) -> Estimator:
    """Return the function that computes an estimator."""
    module = next(module for module in _MODULES if hasattr(module, name))
    return cast(Estimator, getattr(module, name))
