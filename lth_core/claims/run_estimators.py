"""Estimators on the results of runs: each returns one number from means over trials."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lth_core.claims.curve import Curve, Missing, Undefined, mean_over_trials
from lth_core.claims.measures import sign
from lth_core.claims.tables import View
from lth_core.config import run_estimators as models
from lth_core.config.measured import REACH, AtSize, OfExperiment, Other


def value(s: models.Value, view: View) -> float:
    """Return the mean at a size."""
    return view.curve(s.experiment, s).value(s.size)


def difference(s: models.Difference, view: View) -> float:
    """Return a mean less another."""
    return view.curve(s.experiment, s).value(s.size) - _other(s, s.minus, view)


def ratio(s: models.Ratio, view: View) -> float:
    """Return a mean divided by another."""
    return _divide(view.curve(s.experiment, s).value(s.size), _other(s, s.over, view))


def reduction(s: models.Value, view: View) -> float:
    """Return by how many percent a mean is smaller than the dense network's (Section 2)."""
    curve = view.curve(s.experiment, s)
    return 100 * (1 - _divide(curve.value(s.size), curve.dense))


def extreme(s: models.Extreme, view: View) -> float:
    """Return the largest or smallest mean over sizes."""
    curve = view.curve(s.experiment, s)
    means = curve.mean[curve.within(*s.sizes)] if s.sizes else curve.mean
    return float(means[_best(means if s.which == "largest" else -means)])


def largest_gain(s: models.Best, view: View) -> float:
    """Return the largest mean over sizes, less the dense network's."""
    curve = view.curve(s.experiment, s)
    return float(curve.mean[_best(curve.mean)]) - curve.dense


def largest_speedup(s: models.Best, view: View) -> float:
    """Return the dense network's mean divided by the smallest over sizes."""
    curve = view.curve(s.experiment, s)
    return _divide(curve.dense, float(curve.mean[_best(-curve.mean)]))


def size_of_best(s: models.Best, view: View) -> float:
    """Return the size with the best mean."""
    curve = view.curve(s.experiment, s)
    return float(curve.sizes[_best(sign(s) * curve.mean)])


def smallest_matching(s: models.SmallestMatching, view: View) -> float:
    """Return the smallest size that matches, 100 where none does."""
    curve, matches = _matching(s, view)
    size = float(min(curve.sizes[matches], default=100.0))
    return 100 - size if s.pruned else size


def first_better(s: models.FirstMatching, view: View) -> float:
    """Return the largest size of a pruned network that matches, 0 where none does."""
    curve, matches = _matching(s, view)
    return float(max(curve.sizes[matches & (curve.rounds > 0)], default=0.0))


def first_worse(s: models.FirstMatching, view: View) -> float:
    """Return the largest size that does not match, the smallest where all do."""
    curve, matches = _matching(s, view)
    return float(max(curve.sizes[~matches & (curve.rounds > 0)], default=curve.sizes.min()))


def back_at_dense(s: models.FirstMatching, view: View) -> float:
    """Return the largest size beyond the best that does not match, the smallest if none."""
    curve, matches = _matching(s, view)
    best = _best(sign(s) * curve.mean)
    worse = np.flatnonzero(~matches)
    return float(max(curve.sizes[worse[worse > best]], default=curve.sizes.min()))


def trend(s: models.Trend, view: View) -> float:
    """Return the rank correlation of the mean with the amount of pruning."""
    curve = view.curve(s.experiment, s)
    places = _several(curve, s.sizes, 3)
    return _rank_correlation(curve.rounds[places], curve.mean[places])


def agreement(s: models.Agreement, view: View) -> float:
    """Return the rank correlation over sizes of two measures."""
    one, two = view.curve(s.experiment, s), view.curve(s.experiment, s.and_)
    places = _several(one, s.sizes, 3)
    return _rank_correlation(one.mean[places], two.mean[places])


def turn(s: models.Turn, view: View) -> float:
    """Return the lesser of the way up to a peak and the way down from it (a dip: reversed).

    The curve is smoothed over three sizes. Each trial is measured where the other trials have
    their peak: a maximum over noise would always lie above both ends.
    """
    curve = view.curve(s.experiment, s)
    places = _several(curve, s.sizes, 4)
    values = curve.values[:, places] * (1 if s.shape == "peak" else -1)
    inner = np.stack([values[:, i : i + values.shape[1] - 2] for i in range(3)]).mean(axis=0)
    known = np.isfinite(inner)
    total, count = np.where(known, inner, 0.0).sum(axis=0), known.sum(axis=0)
    if len(values) > 1:
        total, count = total - np.where(known, inner, 0.0), count - known
    others = np.divide(total, count, out=np.full(inner.shape, -np.inf), where=count > 0)
    top = np.take_along_axis(inner, np.argmax(others, axis=1)[:, None], axis=1)
    return float(mean_over_trials(top - values[:, [0, -1]]).min())


def order(s: models.Order, view: View) -> float:
    """Return the smallest step between neighbours that should rise."""
    means = [view.curve(point.experiment, s).value(point.size) for point in s.points]
    return float(np.diff(means).min())


def order_trend(s: models.Among, view: View) -> float:
    """Return the rank correlation of means with the order of the experiments."""
    means = _means(s, s.experiments, view)
    if len(means) < 3:
        raise Missing(f"only {len(means)} of {', '.join(s.experiments)} at this scale")
    return _rank_correlation(np.arange(len(means)), means)


def spread(s: models.Spread, view: View) -> float:
    """Return the largest mean of several experiments less, or divided by, the smallest."""
    means = _means(s, s.experiments, view)
    if len(means) < 2:
        raise Missing(f"only one of {', '.join(s.experiments)} at this scale")
    if s.by == "ratio":
        return _divide(float(means.max()), float(means.min()))
    return float(means.max() - means.min())


def lead(s: models.Lead, view: View) -> float:
    """Return by how much the worst of a group is better than the best of the rest."""
    group = view.names(s.experiments)
    rest = [name for name in view.names(s.rest) if name not in group]
    if not rest:
        raise Missing(f"none of {', '.join(s.rest)} but the group at this scale")
    group_means, rest_means = (sign(s) * _means(s, names, view) for names in (group, rest))
    return float(group_means.min() - rest_means.max())


def best_of(s: models.Among, view: View) -> float:
    """Return the best mean of several experiments."""
    return float(sign(s) * (sign(s) * _means(s, s.experiments, view)).max())


def share_of_sizes(s: models.Threshold, view: View) -> float:
    """Return the percent of sizes with a mean of at least the threshold, which NaN is not."""
    curve = view.curve(s.experiment, s)
    return 100 * float(np.mean(curve.mean[_several(curve, s.sizes, 1)] >= s.threshold))


def failing(s: models.Threshold, view: View) -> float:
    """Return the percent of runs below the threshold; one that diverged is."""
    curve = view.curve(s.experiment, s)
    return 100 * float(np.mean(~(curve.values[:, _several(curve, s.sizes, 1)] >= s.threshold)))


def _other(s: AtSize, other: Other, view: View) -> float:
    measure: OfExperiment = s
    if other.y is not None:
        measure = OfExperiment(experiment=s.experiment, y=other.y, x=s.x)
    size = s.size if other.size is None else other.size
    return view.curve(other.experiment or s.experiment, measure).value(size)


def _matching(s: models.Matching, view: View) -> tuple[Curve, np.ndarray]:
    """Return the curve and which of its sizes match the reference."""
    curve = view.curve(s.experiment, s)
    if curve.sizes.min() > REACH * s.reach:
        raise Missing(f"{curve.name} is not run to {s.reach:g} {curve.unit}")
    reference = s.threshold
    if reference is None:
        reference = (view.curve(s.dense, s) if s.dense else curve).dense
    if np.isnan(reference):
        raise Undefined
    return curve, sign(s) * (curve.mean - reference) >= -s.margin


def _best(values: np.ndarray) -> int:
    """Return the place of the largest value. Raises Undefined where all are NaN."""
    if np.isnan(values).all():
        raise Undefined
    return int(np.nanargmax(values))


def _several(curve: Curve, sizes: tuple[float, float], least: int) -> np.ndarray:
    """Return the places of sizes in a range. Raises Missing where they are fewer than `least`."""
    places = curve.within(*sizes)
    if len(places) < least:
        first, last = sizes
        found = f"{len(places)} sizes from {first:g} to {last:g}"
        raise Missing(f"{curve.name} has {found}, and {least} are needed")
    return places


def _means(s: models.OfExperiments, names: Sequence[str], view: View) -> np.ndarray:
    return np.array([view.curve(name, s).value(s.size) for name in view.names(names)])


def _rank_correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Return Spearman's correlation, 0 where one of them is constant.

    Raises Undefined where fewer than three pairs are known.
    """
    known = np.isfinite(one) & np.isfinite(two)
    if known.sum() < 3:
        raise Undefined
    ranks = np.array([pd.Series(values[known]).rank() for values in (one, two)])
    if np.ptp(ranks[0]) == 0 or np.ptp(ranks[1]) == 0:
        return 0.0
    return float(np.corrcoef(ranks)[0, 1])


def _divide(one: float, two: float) -> float:
    return one / two if two else float("nan")
