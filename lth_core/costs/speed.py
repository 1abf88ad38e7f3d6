"""Speed of this machine in training and evaluation, measured in a second or so a network.

It times the engine that the jobs would use, on random examples and random masks.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from time import perf_counter, process_time
from typing import Any

import numpy as np

from lth_core.costs.jobs import Setup
from lth_core.data.scaling import unit
from lth_core.data.split import Split
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Masks, weight_layers
from lth_core.pruning.mask import dense
from lth_core.streams import stream
from lth_core.training.batches import Draws, of_lanes
from lth_core.training.engines import make_engine
from lth_core.training.loop import Engine
from lth_core.training.order import DataOrder
from lth_core.training.state import Optimiser, State
from lth_core.xor.train import train as train_xor

# Shares of weights at which the sparse kernel is timed; others lie between. What torch does
# is as much for a masked network as for a dense one.
SHARES = {"sparse": (0.01, 0.03, 0.1, 0.3, 1.0), "torch": (1.0,)}
_EXAMPLES = 128
_BLACK = 0.8  # share of MNIST's pixels, which a dense layer of the sparse engine skips
_KEY = ("speed",)
_INITIALISATION = {"distribution": "glorot_normal", "truncate": 2.0}


@dataclass(frozen=True)
class Speed:
    """Seconds of one iteration and of evaluating one example, by share of weights (rising)."""

    shares: tuple[float, ...]
    iteration: tuple[float, ...]
    example: tuple[float, ...]

    def seconds(self, share: float, iterations: int, examples: int) -> float:
        """Return the seconds of a run that trains and evaluates so much, interpolating."""
        step = float(np.interp(share, self.shares, self.iteration))
        evaluation = float(np.interp(share, self.shares, self.example))
        return iterations * step + examples * evaluation


def measure(setup: Setup, seconds: float = 0.15) -> Speed:
    """Return how fast `setup` is here, spending about `seconds` on each of its numbers."""
    network, training = json.loads(setup.network), json.loads(setup.training)
    if setup.engine == "xor":
        return _measure_xor(network, training["trials"], training["units"], seconds)
    timed = [
        _measure(setup.engine, network, training, share, seconds) for share in SHARES[setup.engine]
    ]
    iteration, example = zip(*timed, strict=True)
    return Speed(SHARES[setup.engine], iteration, example)


def _measure(
    name: str, network: dict[str, Any], training: dict[str, Any], share: float, seconds: float
) -> tuple[float, float]:
    """Return the seconds of an iteration, and of evaluating an example, at a share of weights."""
    engine = _engine(name, network, training, share)
    dropout = any(layer["type"] == "dropout" for layer in network["layers"])
    order = DataOrder(_EXAMPLES, training["batch_size"], False, *_KEY)
    draws = [Draws(order, training["augmentation"] != "none", dropout, *_KEY)]

    def train(iterations: int) -> None:
        engine.train(of_lanes(draws, 0, iterations))
        engine.evaluate("validation")  # Of one example: waits for what a GPU is still doing.

    def evaluate(times: int) -> None:
        for _ in range(times):
            engine.evaluate("test")

    clock = perf_counter if engine.description["device"].startswith("cuda") else process_time
    iteration = _seconds_each(train, seconds, clock)
    return iteration, _seconds_each(evaluate, seconds / 3, clock) / _EXAMPLES


def _measure_xor(network: dict[str, Any], trials: int, units: int, seconds: float) -> Speed:
    """Return the speed of one of `trials` XOR networks that are trained side by side."""
    pruned = {**network, "layers": [{**network["layers"][0], "units": units}]}
    weights = initial_weights(weight_layers(pruned), _INITIALISATION, 0, 0)
    start = {name: np.stack([array] * trials) for name, array in weights.items()}
    step = _seconds_each(lambda iterations: train_xor(start, iterations, 0.1), seconds)
    return Speed((1.0,), (step / trials,), (0.0,))


def _seconds_each(
    do: Callable[[int], object], seconds: float, clock: Callable[[], float] = process_time
) -> float:
    """Return the seconds of one of what `do` does so many times, after a first one.

    clock: by default one that stands still while other processes have the core.
    """
    do(1)
    times = 1
    while True:
        started = clock()
        do(times)
        taken = clock() - started
        if taken >= seconds / 2:
            return taken / times
        times = max(2 * times, int(times * seconds / max(taken, 1e-6)))


def _engine(name: str, network: dict[str, Any], training: dict[str, Any], share: float) -> Engine:
    layers = weight_layers(network)
    generator = stream(*_KEY, "examples")
    shape = tuple(network["input"])

    def split(examples: int) -> Split:
        pixels = generator.integers(0, 256, (examples, *shape), np.uint8)
        pixels[generator.random(pixels.shape) < _BLACK] = 0
        labels = generator.integers(0, network["classes"], examples).astype(np.uint8)
        return Split(pixels, labels, *unit(prod(shape)))

    sizes = {"train": _EXAMPLES, "validation": 1, "test": _EXAMPLES}
    splits = {split_name: split(size) for split_name, size in sizes.items()}
    masks: Masks = dense(layers)
    if share < 1:
        masks = {key: generator.random(mask.shape) < share for key, mask in masks.items()}
    weights = initial_weights(layers, _INITIALISATION, 0, 0)
    weights |= {key: weights[key] * mask for key, mask in masks.items()}
    optimiser = Optimiser(training["optimizer"], 1e-4)
    state, precision = State(weights, {}, 0), training["precision"]
    return make_engine(name, network, optimiser, splits, [state], [masks], precision)
