"""The 95 % interval of a statistic over few trials, from its bootstrap estimates."""

from typing import Any

import numpy as np
from scipy.special import stdtrit  # scipy.stats takes a second to load

from lth_core.tables.columns import MEASURES

LEVEL = 0.95
# "No size", 0, on a log scale: less than any network has.
_NO_SIZE = 0.01
# Percent of runs that fail at least, once one of ours has.
_SOME = 0.01

_SIZES = ("size_of_best", "smallest_matching", "first_better", "first_worse", "back_at_dense")
_OF_MEASURE = ("value", "extreme", "best_of")
_LIMITS = {
    **dict.fromkeys(("ratio", "largest_speedup", "histogram_spread", "peaks"), (0.0, np.inf)),
    **dict.fromkeys(("trend", "agreement", "order_trend"), (-1.0, 1.0)),
    **dict.fromkeys(("centre_to_peak", "overlap", "trial_agreement"), (0.0, 1.0)),
    **dict.fromkeys(("positive_share", "share_of_sizes", "failing"), (0.0, 100.0)),
}


def interval_of(statistic: Any, value: float, estimates: np.ndarray, n: int) -> tuple[float, float]:
    """Return the interval of a statistic, within the values that it can have.

    estimates: (resamples,), of the bootstrap. n: number of trials, at least 2. Both ends are NaN
    where an estimate is.
    """
    log = is_size(statistic)
    if getattr(statistic, "pruned", False):
        high, low = (100 - end for end in interval(100 - value, 100 - estimates, n, log))
    else:
        low, high = interval(value, estimates, n, log)
    low, high = np.clip((low, high), *_limits(statistic))
    if statistic.estimator == "failing" and value > 0:
        low = np.maximum(low, _SOME)
    return float(low), float(high)


def is_size(statistic: Any) -> bool:
    """Return whether the statistic is a size in percent or weights, which compare by factors."""
    return statistic.estimator in _SIZES and statistic.x in ("percent", "weights")


def interval(
    value: float | np.ndarray, estimates: np.ndarray, n: int, log: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return value +- t(n-1) sqrt(n/(n-1)) s, s being the deviation of the bootstrap estimates.

    For a mean this is Student's interval: the root undoes the bootstrap's division by n, not
    n - 1. A statistic that jumps, as a crossing does from size to size, may have an s near zero
    beside the jump, so that the interval also reaches as far as the middle 95 % of the estimates.

    value: (...). estimates: (..., resamples). log: add on a log scale, as for sizes.
    """
    scaled = np.log(np.maximum(estimates, _NO_SIZE)) if log else estimates
    # Less the first, so that it is exactly 0 where all agree.
    spread = (scaled - scaled[..., :1]).std(axis=-1, ddof=1)
    half = stdtrit(n - 1, (1 + LEVEL) / 2) * np.sqrt(n / (n - 1)) * spread
    if log:
        low, high = value / np.exp(half), value * np.exp(half)
    else:
        low, high = value - half, value + half
    tails = (50 * (1 - LEVEL), 50 * (1 + LEVEL))
    least, most = np.percentile(estimates, tails, axis=-1)
    return np.minimum(low, least), np.maximum(high, most)


def _limits(statistic: Any) -> tuple[float, float]:
    """Return the least and the largest value that a statistic can have."""
    name = statistic.estimator
    if name in _SIZES:
        return 0.0, 100.0 if statistic.x == "percent" else np.inf
    if name == "spread":
        return (1.0 if statistic.by == "ratio" else 0.0), np.inf
    if name in _OF_MEASURE:
        return _limits_of_measure(statistic.y)
    return _LIMITS.get(name, (-np.inf, np.inf))


def _limits_of_measure(y: str) -> tuple[float, float]:
    if y == "generalisation_gap":
        return -100.0, 100.0
    if y == "early_stop_share_of_run":
        return 0.0, 1.0
    return 0.0, 100.0 if MEASURES[y].unit == "%" else np.inf
