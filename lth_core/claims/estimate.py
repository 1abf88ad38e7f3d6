"""Estimating one statistic: its value, and an interval from resampled trials."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from lth_core.claims import config_estimators, histogram_estimators, run_estimators
from lth_core.claims.curve import Undefined
from lth_core.claims.interval import interval_of
from lth_core.claims.tables import Tables, Trials, View
from lth_core.config.estimators import Contrast

RESAMPLES = 999
SEED = 1803_03635
LATER = 20  # ways in which runs that are cut off might have gone on

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

    A trial is the unit: its replicates are averaged, and experiments that share trials are
    resampled together, as a control with its ticket. Of experiments with different numbers of
    trials the smallest counts.

    A resample in which a crossing does not exist counts as what the estimator then returns, the
    end of the sizes that were run: the interval is about these sizes, as the estimate is.

    Raises Missing where results are not there.
    """
    view = View(tables)
    value = compute(statistic, view)
    if not view.trials:
        return Estimate(value, None, None, None)
    n = min(trials.n for trials in view.trials)
    if n < 2:
        return Estimate(value, None, None, n)
    estimates = _over_resamples(lambda rows: compute(statistic, View(tables, rows)), view.trials)
    return Estimate(value, *interval_of(statistic, value, estimates, n), n)


def rests_on_cut_off_runs(statistic: Any, tables: Tables, value: float) -> bool:
    """Return whether the value would be another if runs that are cut off had gone on."""
    return any(compute(statistic, View(tables, later=draw)) != value for draw in range(LATER))


def _over_resamples(
    value: Callable[[dict[Trials, np.ndarray]], float], trials: Iterable[Trials]
) -> np.ndarray:
    """Return the value of each resample, float64 (RESAMPLES,).

    value: of the trials drawn, by those that they were drawn from. Trials in another order are the
    same resample, and so few trials have few different ones: each is valued once.
    """
    rng = np.random.default_rng(SEED)
    groups = sorted(trials)
    drawn = [np.sort(rng.integers(n, size=(RESAMPLES, n)), axis=1) for _, n in groups]
    different, which = np.unique(np.hstack(drawn), axis=0, return_inverse=True)
    ends = np.cumsum([n for _, n in groups])[:-1]
    rows = [dict(zip(groups, np.split(row, ends), strict=True)) for row in different]
    return np.array([value(each) for each in rows])[which]


def compute(statistic: Any, view: View) -> float:
    """Return the statistic's value by the function named like its estimator; NaN if undefined."""
    if isinstance(statistic, Contrast):
        return compute(statistic.first, view) - compute(statistic.second, view)
    try:
        return estimator(statistic.estimator)(statistic, view)
    except Undefined:
        return float("nan")


def estimator(name: str) -> Estimator:
    """Return the function that computes an estimator."""
    module = next(module for module in _MODULES if hasattr(module, name))
    return cast(Estimator, getattr(module, name))
