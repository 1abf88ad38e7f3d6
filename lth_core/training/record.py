"""Measurements of a run."""

from dataclasses import dataclass

import numpy as np

from lth_core.early_stop import first_minimum

SPLITS = ("validation", "test")


@dataclass
class Record:
    """Loss and accuracy of several lanes, at each evaluation, on validation and test.

    iterations: int64 (evaluations,). loss and accuracy: float64 (evaluations, lanes, 2),
    the last axis in the order of SPLITS; NaN where not measured yet.
    """

    iterations: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray

    @classmethod
    def empty(cls, iterations: int, every: int, lanes: int) -> "Record":
        """Return a record for evaluations at 0, `every`, 2 `every`, ..., and at `iterations`."""
        measured = np.append(np.arange(0, iterations, every), iterations)
        shape = (len(measured), lanes, len(SPLITS))
        return cls(measured, np.full(shape, np.nan), np.full(shape, np.nan))

    def early_stop(self, lane: int) -> int:
        """Return the index of the first minimum of the validation loss (Section 2)."""
        return first_minimum(self.loss[:, lane, 0])

    def diverged(self, lane: int) -> bool:
        """Return whether a loss of this lane was not finite."""
        return not bool(np.isfinite(self.loss[:, lane]).all())


@dataclass(frozen=True)
class TrainAccuracy:
    """Loss and accuracy on the whole training set, at one iteration of one lane."""

    iteration: int
    loss: float
    accuracy: float
