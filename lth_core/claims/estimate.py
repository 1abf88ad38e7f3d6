"""Estimating one statistic: its value, and an interval from resampled trials."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from lth_core.claims import config_estimators, histogram_estimators, run_estimators
from lth_core.claims.interval import interval_of
from lth_core.claims.tables import Tables, View
from lth_core.config import estimators as models

RESAMPLES = 999
SEED = 1803_03635

Estimator = Callable[[Any, View], float]
_MODULES = (run_estimators, histogram_estimators, config_estimators)


@dataclass(frozen=True)
class Estimate:
    """A statistic: its value, its interval, and the number of trials.

    low and high are None with fewer than two trials, and NaN where a resample has only runs that
    diverged. n is None for exact statements about the config, which have no trials.
    """

    value: float
    low: float | None
    high: float | None
    n: int | None


def estimate(statistic: Any, tables: Tables) -> Estimate:
    """Return the statistic with its 95 % interval over trials, from a bootstrap.

    A trial is the unit: its replicates are averaged, and experiments with as many trials are
    resampled together, since a control shares its trials with its ticket. Of experiments with
    different numbers of trials the smallest counts.

    A resample in which a crossing does not exist counts as what the estimator then returns, the
    end of the sizes that were run: the interval is about these sizes, as the estimate is.

    Raises Missing where results are not there.
    """
    view = View(tables)
    value = compute(statistic, view)
    if not view.trials:
        return Estimate(value, None, None, None)
    n = min(view.trials)
    if n < 2:
        return Estimate(value, None, None, n)
    rng = np.random.default_rng(SEED)
    drawn = {count: rng.integers(count, size=(RESAMPLES, count)) for count in sorted(view.trials)}
    resamples = [{count: rows[i] for count, rows in drawn.items()} for i in range(RESAMPLES)]
    estimates = np.array([compute(statistic, View(tables, rows)) for rows in resamples])
    return Estimate(value, *interval_of(statistic, value, estimates, n), n)


def compute(statistic: Any, view: View) -> float:
    """Return the statistic's value by the function named like its estimator."""
    if isinstance(statistic, models.Contrast):
        return compute(statistic.first, view) - compute(statistic.second, view)
    return estimator(statistic.estimator)(statistic, view)


def estimator(name: str) -> Estimator:
    """Return the function that computes an estimator."""
    module = next(module for module in _MODULES if hasattr(module, name))
    return cast(Estimator, getattr(module, name))
