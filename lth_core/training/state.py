"""What an engine takes in and gives back: optimiser settings and the state of a run."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lth_core.networks.shapes import Weights


@dataclass(frozen=True)
class Optimiser:
    """Optimiser and its constants; the learning rate is constant over a run."""

    name: Literal["adam", "sgd", "momentum"]
    learning_rate: float
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


@dataclass
class State:
    """A run between two iterations, in dense layout; pruned entries are exactly zero.

    weights: float32 arrays by name (`fc1.weight`, `fc1.bias`).
    moments: the optimiser's arrays: `<name>.m` and `<name>.v` for Adam,
        `<name>.velocity` for momentum, none for SGD.
    step: iterations done.
    """

    weights: Weights
    moments: dict[str, np.ndarray]
    step: int
