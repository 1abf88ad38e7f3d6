"""Success of XOR networks (v1's DB and ZL), and intervals of rates: pure functions.

v1's slides define neither. What is here fits their table of dense networks, unlike a loss of
literally zero, which is never reached; the bounds are keys of config/xor.yaml.
"""

import numpy as np
from scipy.stats import binomtest

from lth_core.xor.points import losses, margins_of


def decision_boundary(logits: np.ndarray, tie_margin: float) -> np.ndarray:
    """Return which networks have no point on the wrong side of 0.5, ties allowed (DB).

    logits: (lanes, 4). A logit is on the wrong side if it is `tie_margin` or more from 0.
    With a margin of 0 every point has to be strictly right.
    """
    return np.all(margins_of(logits) > -tie_margin, axis=1)


def zero_loss(logits: np.ndarray, bound: float) -> np.ndarray:
    """Return which networks have every point strictly right and a loss below `bound` (ZL)."""
    return decision_boundary(logits, 0.0) & (losses(logits) < bound)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval (Wilson, 1927) of a rate, as shares; NaN where trials is 0."""
    if trials == 0:
        return float("nan"), float("nan")
    interval = binomtest(successes, trials).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)
