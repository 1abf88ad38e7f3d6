"""The early-stopping criterion: the least validation loss, found afterwards (Section 2)."""

import numpy as np


def first_minimum(values: np.ndarray) -> int:
    """Return the index of the first least value among the finite ones.

    Where none is finite, as in a run that starts from diverged weights, it is 0.
    """
    return int(np.argmin(np.where(np.isfinite(values), values, np.inf)))
