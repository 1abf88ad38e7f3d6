"""Gradual pruning: how far it has got at which iterations (Zhu & Gupta, 2017)."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np

Schedule = Literal["constant", "linear", "cubic"]
# The share of the pruning that is done after this share of the steps.
_DONE: dict[Schedule, Callable[[float], float]] = {
    "constant": lambda over: 1.0,
    "linear": lambda over: over,
    "cubic": lambda over: 1 - (1 - over) ** 3,
}


def done_at(
    schedule: Schedule, begin: float, end: float, steps: int, measured: np.ndarray
) -> dict[int, float]:
    """Return the share of the pruning that is done after each step, by iteration: 1 after the last.

    measured: the iterations of a run's evaluations, int64 (evaluations,), from 0 to its end.
    Step j of `steps` is due when the share begin + (end - begin) j / steps of the run is over. It
    is done at the nearest evaluation but that at 0; of several at one, the last counts.
    """
    found = {}
    for j in range(1, steps + 1):
        due = measured[-1] * (begin + (end - begin) * j / steps)
        nearest = measured[1:][np.abs(measured[1:] - due).argmin()]
        found[int(nearest)] = _DONE[schedule](j / steps)
    return found


def keep_so_far(keep: Mapping[str, float], done: float) -> dict[str, float]:
    """Return the share that each kind of layer keeps when this share of its pruning is done."""
    return {kind: share + (1 - share) * (1 - done) for kind, share in keep.items()}
