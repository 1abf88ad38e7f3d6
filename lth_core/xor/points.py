"""The four points of XOR, and the margins and losses of logits on them."""

import numpy as np

POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
TARGETS = np.array([0, 1, 1, 0], dtype=np.float32)


def losses(logits: np.ndarray) -> np.ndarray:
    """Return the mean cross-entropy over the points, (lanes,), from logits (lanes, points)."""
    margins = margins_of(logits)
    wrong = np.maximum(-margins, 0) + np.log1p(np.exp(-np.abs(margins)))
    return wrong.mean(axis=1)


def margins_of(logits: np.ndarray) -> np.ndarray:
    """Return the logits with their sign turned where the target is 0: above 0 is right."""
    return logits.astype(np.float64) * (2 * TARGETS - 1)
