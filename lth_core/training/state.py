"""What an engine takes in and gives back: optimiser settings and the state of a run."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lth_core.networks.shapes import Weights


@dataclass(frozen=True)
class Optimiser:
    """Optimiser, its constants and the schedule of its learning rate.

    weight_decay: added to the gradient of every trained parameter, times the parameter.
    warmup: iterations over which the rate grows linearly from 0 (Section 4). drops:
    iterations from which on the rate is a tenth of what it was.
    """

    name: Literal["adam", "sgd", "momentum"]
    learning_rate: float
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    warmup: int = 0
    drops: tuple[int, ...] = ()

    def rate(self, step: int) -> float:
        """Return the learning rate of iteration `step`, counted from 0."""
        warm = min(1.0, step / self.warmup) if self.warmup else 1.0
        passed = sum(step >= drop for drop in self.drops)
        return float(self.learning_rate * warm * 0.1**passed)


@dataclass
class State:
    """A run between two iterations, in dense layout; pruned entries are exactly zero.

    weights: float32 arrays by name (`fc1.weight`, `fc1.bias`), running statistics included.
    moments: the optimiser's arrays of what is trained: `<name>.m` and `<name>.v` for Adam,
        `<name>.velocity` for momentum, none for SGD.
    step: iterations done.
    """

    weights: Weights
    moments: dict[str, np.ndarray]
    step: int
