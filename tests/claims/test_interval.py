"""Intervals hold the truth as often as they say, and stay within what a statistic can be."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy.stats import t as student

from lth_core.claims.estimate import compute, estimate
from lth_core.claims.interval import interval, interval_of, is_size
from lth_core.claims.tables import View
from lth_core.config.estimators import Statistic

ACCURACY, STOP = "test_accuracy_at_early_stop", "early_stop_iteration"
# Lenet's sizes, with the accuracies and early stops of its tickets, about as the paper has them:
# the best at 16.8 %, below the dense network from 4.4 % on.
SIZES = 100 * 0.8 ** np.arange(16)
LEVELS = {
    ACCURACY: 98 + np.array(
        [0, .04, .10, .14, .20, .24, .28, .30, .31, .29, .25, .20, .12, .02, -.12, -.35]
    ),
    STOP: 4500 * np.array(
        [1, 1, .95, .88, .80, .76, .74, .72, .74, .78, .84, .92, 1, 1.15, 1.35, 1.6]
    ),
}  # fmt: skip
DEVIATION = {ACCURACY: 0.09, STOP: 800.0}
STUDIES, RESAMPLES = 2000, 199


def statistic(estimator: str, y: str = ACCURACY, **keys: Any) -> Any:
    written = {"estimator": estimator, "experiment": "ticket", "y": y, **keys}
    return TypeAdapter(Statistic).validate_python(written)


def back_at_dense(means: np.ndarray) -> np.ndarray:
    beyond = np.arange(len(SIZES)) > means.argmax(axis=-1)[..., None]
    worse = beyond & (means < means[..., :1])
    return SIZES[np.where(worse.any(axis=-1), worse.argmax(axis=-1), -1)]


def smallest_matching(means: np.ndarray) -> np.ndarray:
    return SIZES[len(SIZES) - 1 - (means >= means[..., :1])[..., ::-1].argmax(axis=-1)]


# Each family of estimators, and the same for many studies at once: of means (..., sizes).
FAMILIES: dict[str, tuple[Any, Callable[[np.ndarray], np.ndarray]]] = {
    "mean": (statistic("value", size=100), lambda means: means[..., 0]),
    "paired difference": (
        statistic("difference", size=20.97152, minus={"size": 100}),
        lambda means: means[..., 7] - means[..., 0],
    ),
    "ratio": (
        statistic("ratio", STOP, size=20.97152, over={"size": 100}),
        lambda means: means[..., 7] / means[..., 0],
    ),
    "percent earlier": (
        statistic("reduction", STOP, size=20.97152),
        lambda means: 100 * (1 - means[..., 7] / means[..., 0]),
    ),
    "crossing": (statistic("back_at_dense"), back_at_dense),
    "last crossing": (statistic("smallest_matching"), smallest_matching),
    "size of the best": (
        statistic("size_of_best"),
        lambda means: SIZES[means.argmax(axis=-1)],
    ),
    "maximum": (
        statistic("largest_gain"),
        lambda means: means.max(axis=-1) - means[..., 0],
    ),
}


def errors(rng: np.random.Generator, shape: tuple[int, ...], skewed: bool) -> np.ndarray:
    """Return errors of mean 0 and deviation 1: normal, or lognormal with a skewness of 0.95."""
    if not skewed:
        return rng.standard_normal(shape)
    drawn = rng.lognormal(0, 0.3, shape)
    mean = np.exp(0.3**2 / 2)
    return (drawn - mean) / (mean * np.sqrt(np.exp(0.3**2) - 1))


def trials(rng: np.random.Generator, y: str, n: int, skewed: bool) -> np.ndarray:
    """Return a measure (studies, n, sizes); half the variance is shared by a trial's sizes."""
    shared, own = (errors(rng, (STUDIES, n, k), skewed) for k in (1, len(SIZES)))
    return np.asarray(LEVELS[y] + DEVIATION[y] * np.sqrt(0.5) * (shared + own))


@pytest.mark.parametrize("skewed", [False, True], ids=["normal", "skewed"])
@pytest.mark.parametrize("n", [3, 5, 10])
@pytest.mark.parametrize("family", FAMILIES)
def test_intervals_cover(family: str, n: int, skewed: bool) -> None:
    wanted, function = FAMILIES[family]
    rng = np.random.default_rng(0)
    values = trials(rng, wanted.y, n, skewed)
    drawn = rng.multinomial(n, [1 / n] * n, size=(STUDIES, RESAMPLES)) / n
    found, truth = function(values.mean(axis=1)), function(LEVELS[wanted.y])
    low, high = interval(found, function(drawn @ values), n, is_size(wanted))
    covered = np.mean((low <= truth + 1e-9) & (truth <= high + 1e-9))
    assert covered >= 0.93


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_simulated_is_what_claims_compute(make, family: str) -> None:
    wanted, function = FAMILIES[family]
    values = trials(np.random.default_rng(1), wanted.y, 5, False)[0]
    share = 0.01 if wanted.y == ACCURACY else 1
    tables = make({"ticket": share * values}, y=wanted.y, sizes=SIZES)
    expected = function(values.mean(axis=0))
    assert compute(wanted, View(tables)) == pytest.approx(expected)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_interval_of_a_mean_is_students(make, n: int) -> None:
    values = np.array([96.0, 97.0, 97.4, 98.1, 98.5])[:n]
    found = estimate(statistic("value", size=100), make({"ticket": values[:, None] / 100}))
    half = student.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)
    assert found.low == pytest.approx(max(values.mean() - half, 0), abs=0.06 * half)
    assert found.high == pytest.approx(min(values.mean() + half, 100), abs=0.06 * half)


def test_one_trial_or_a_resample_that_diverged_has_no_interval(make) -> None:
    dense = statistic("value", size=100)
    assert estimate(dense, make({"ticket": [[0.98]]})).low is None
    low, high = interval_of(dense, 98.0, np.array([98.0, np.nan]), 5)
    assert np.isnan([low, high]).all()


def test_of_experiments_with_other_numbers_of_trials_the_smallest_counts(make) -> None:
    tables = make({"ticket": [[0.98]] * 5, "reinit": [[0.97]] * 3})
    found = estimate(statistic("difference", size=100, minus={"experiment": "reinit"}), tables)
    assert found.n == 3


def test_sizes_have_factors_not_differences() -> None:
    estimates = np.array([4.0, 5.0, 6.25] * 20)
    low, high = interval_of(statistic("size_of_best"), 5.0, estimates, 3)
    assert low * high == pytest.approx(25)
    assert 0 < low < 4
    # Percent pruned: the same, seen from 100.
    pruned = statistic("smallest_matching", pruned=True)
    assert interval_of(pruned, 95.0, 100 - estimates, 3) == pytest.approx((100 - high, 100 - low))
    rounds = statistic("size_of_best", x="round")
    low, high = interval_of(rounds, 5.0, np.array([4.0, 5.0, 6.0] * 20), 3)
    assert low + high == pytest.approx(10)


def test_an_interval_reaches_as_far_as_the_estimates_do() -> None:
    """Beside a jump nearly all resamples agree, and their deviation says too little."""
    estimates = np.array([5.0] * 95 + [10.0] * 5)
    assert interval_of(statistic("back_at_dense"), 5.0, estimates, 10)[1] == pytest.approx(10)
    assert interval_of(statistic("back_at_dense"), 5.0, np.full(99, 5.0), 10) == (5, 5)


def test_resamples_without_a_crossing_reach_to_none() -> None:
    first = statistic("first_better")
    some = np.array([64.0] * 50 + [0.0] * 50)
    assert interval_of(first, 64.0, some, 5)[0] == 0
    assert interval_of(first, 0.0, some, 5) == (0, 64)
    assert interval_of(first, 0.0, np.zeros(99), 5) == (0, 0)


@pytest.mark.parametrize(
    ("wanted", "value", "expected"),
    [
        (statistic("value", size=100), 99.0, (0, 100)),
        (statistic("value", "generalisation_gap", size=100), 1.0, (-100, 100)),
        (statistic("value", "early_stop_share_of_run", size=100), 0.9, (0, 1)),
        (statistic("value", STOP, size=100), 4000.0, (0, np.inf)),
        (statistic("ratio", STOP, size=80, over={"size": 100}), 1.0, (0, np.inf)),
        (statistic("first_better"), 97.5, (0, 100)),
        (statistic("back_at_dense", x="weights"), 5000.0, (0, np.inf)),
        (statistic("trend", sizes=[100, 20]), 0.9, (-1, 1)),
        (statistic("failing", sizes=[100, 20], threshold=50), 0.0, (0, 100)),
    ],
)
def test_intervals_end_where_a_statistic_does(
    wanted: Any, value: float, expected: tuple[float, float]
) -> None:
    wide = value + np.array([-1e6, 1e6] * 50)
    low, high = interval_of(wanted, value, wide, 2)
    least, most = expected
    assert low == least
    assert high == most if np.isfinite(most) else high > 1e6


@pytest.mark.parametrize(("by", "least"), [("difference", 0), ("ratio", 1)])
def test_the_spread_of_experiments_has_a_least_value(by: str, least: float) -> None:
    keys = {"experiments": ["rate_*"], "size": 80, "by": by}
    spread = TypeAdapter(Statistic).validate_python({"estimator": "spread", "y": STOP, **keys})
    assert interval_of(spread, 1.2, np.array([1.0, 1.5] * 50), 2)[0] == least
