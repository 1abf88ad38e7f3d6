"""Estimators on the histograms of tickets (Appendix F)."""

import numpy as np

from lth_core.claims.curve import Histogram
from lth_core.claims.tables import View
from lth_core.config import histogram_estimators as models

# Histograms are smoothed over so many bins before their shape is judged, and a peak stands out
# by at least this share of the highest.
BINS = 5
PROMINENCE = 0.05


def histogram_mean(s: models.HistogramMean, view: View) -> float:
    """Return the mean value, or the mean magnitude."""
    found = view.histogram(s)
    values = np.abs(found.middle) if s.magnitude else found.middle
    return float(np.average(values, weights=_mass(found)))


def positive_share(s: models.HistogramShape, view: View) -> float:
    """Return the percent of values above zero; the bin around zero counts in part."""
    found = view.histogram(s)
    above = np.clip(found.right, 0, None) - np.clip(found.left, 0, None)
    return 100 * float((found.mean * above).sum() / _mass(found).sum())


def centre_to_peak(s: models.HistogramShape, view: View) -> float:
    """Return the smoothed density at zero as a share of the highest."""
    found = view.histogram(s)
    density = _smooth(found.mean)
    return float(density[np.argmin(np.abs(found.middle))] / density.max())


def histogram_spread(s: models.HistogramShape, view: View) -> float:
    """Return the standard deviation of the values divided by their mean."""
    found = view.histogram(s)
    mean = np.average(found.middle, weights=_mass(found))
    variance = np.average((found.middle - mean) ** 2, weights=_mass(found))
    return float(np.sqrt(variance) / mean)


def peaks(s: models.HistogramShape, view: View) -> float:
    """Return the number of peaks of the smoothed histogram."""
    from scipy.signal import find_peaks  # takes a second to load

    density = np.pad(_smooth(view.histogram(s).mean), 1)
    return float(len(find_peaks(density, prominence=PROMINENCE * density.max())[0]))


def overlap(s: models.Overlap, view: View) -> float:
    """Return the area that the histogram shares with that of another round."""
    one = view.histogram(s)
    two = view.histogram(s.model_copy(update={"round": s.other_round}))
    shared = np.intersect1d(one.left, two.left)
    mine, theirs = np.isin(one.left, shared), np.isin(two.left, shared)
    return float((np.minimum(one.mean[mine], two.mean[theirs]) * one.width[mine]).sum())


def trial_agreement(s: models.HistogramShape, view: View) -> float:
    """Return the smallest area that one trial's histogram shares with the mean of all."""
    found = view.histogram(s)
    return float((np.minimum(found.values, found.mean) * found.width).sum(axis=1).min())


def _mass(found: Histogram) -> np.ndarray:
    return found.mean * found.width


def _smooth(density: np.ndarray) -> np.ndarray:
    """Return the moving average over BINS bins, zero beyond the ends."""
    return np.convolve(density, np.ones(BINS) / BINS, mode="same")
