"""Inputs and outputs of an engine: optimiser settings and the state of a run."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi
from typing import Literal

import numpy as np

from lth_core.networks.shapes import Weights

Schedule = Literal["constant", "cosine", "linear"]
# The share of the rate that is left when this share of the schedule is over.
_SCHEDULES: dict[Schedule, Callable[[float], float]] = {
    "constant": lambda over: 1.0,
    "cosine": lambda over: (1 + cos(pi * over)) / 2,
    "linear": lambda over: 1 - over,
}
# Names of the arrays that an optimiser keeps of each parameter, in the order of the kernels' own.
MOMENTS: dict[str, list[str]] = {
    "sgd": [],
    "momentum": ["velocity"],
    "adam": ["m", "v"],
    "adamw": ["m", "v"],
}


@dataclass(frozen=True)
class Optimiser:
    """Optimiser, its constants and the schedule of its learning rate.

    weight_decay: added to the gradient of every trained parameter, times the parameter; with
    adamw taken off the parameter itself, times the rate. warmup: iterations over which the rate
    grows linearly from 0 (Section 4). drops: iterations from which on the rate is `drop_factor`
    of what it was. schedule: how the rate falls to zero from the end of the warm-up to that of
    the run, after `iterations`.
    """

    name: Literal["adam", "adamw", "sgd", "momentum"]
    learning_rate: float
    momentum: float = 0.9
    nesterov: bool = False
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    warmup: int = 0
    drops: tuple[int, ...] = ()
    drop_factor: float = 0.1
    schedule: Schedule = "constant"
    iterations: int = 0

    def rate(self, step: int) -> float:
        """Return the learning rate of iteration `step`, counted from 0."""
        warm = min(1.0, step / self.warmup) if self.warmup else 1.0
        passed = sum(step >= drop for drop in self.drops)
        over = max(0, step - self.warmup) / max(1, self.iterations - self.warmup)
        left = self.drop_factor**passed * _SCHEDULES[self.schedule](over)
        return float(self.learning_rate * warm * left)


@dataclass
class State:
    """A run between two iterations, in dense layout; pruned entries are exactly zero.

    weights: float32 arrays by name (`fc1.weight`, `fc1.bias`), running statistics included.
    moments: the optimiser's arrays of what is trained: `<name>.m` and `<name>.v` for Adam
        and AdamW, `<name>.velocity` for momentum, none for SGD.
    step: iterations done.
    """

    weights: Weights
    moments: dict[str, np.ndarray]
    step: int
