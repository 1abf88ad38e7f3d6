"""The training loop: one for every network, engine and number of lanes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lth_core.networks.shapes import Weights
from lth_core.training.order import DataOrder
from lth_core.training.record import SPLITS, Record, TrainAccuracy
from lth_core.training.state import State


class Engine(Protocol):
    """What trains and evaluates one or more lanes; arrays are indexed by lane first."""

    name: str

    def train(self, batches: np.ndarray) -> None:
        """Run the iterations of `batches`, int32 (lanes, iterations, batch)."""

    def evaluate(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy, float64 (lanes,), of the present weights."""

    def evaluate_weights(self, weights: list[Weights], split: str) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy, float64 (lanes,), of `weights` under the masks."""

    def states(self) -> list[State]:
        """Return a copy of all states, in dense layout."""

    @property
    def description(self) -> dict[str, str]:
        """What the manifest records of the engine."""


@dataclass
class Progress:
    """A job between two evaluations: all that is needed to go on.

    best: by lane, the weights at the least validation loss so far.
    """

    record: Record
    measured: int
    best: list[Weights]


def train(
    engine: Engine,
    orders: list[DataOrder],
    progress: Progress,
    checkpoint: Callable[[Progress], None],
) -> list[list[TrainAccuracy]]:
    """Train all lanes from where `progress` stands to the end, measuring into its record.

    checkpoint is called after each evaluation and decides for itself whether to save.
    Returns by lane the training accuracy at the early-stop iteration and at the end.
    Early stopping only reads the record: training always runs to the end (Section 2).
    """
    iterations = progress.record.iterations
    if progress.measured == 0:
        _measure(engine, progress)
    while progress.measured < len(iterations):
        start, stop = iterations[progress.measured - 1], iterations[progress.measured]
        engine.train(np.stack([order.batches(start, stop) for order in orders]))
        _measure(engine, progress)
        checkpoint(progress)
    return _train_accuracy(engine, progress)


def _measure(engine: Engine, progress: Progress) -> None:
    index, record = progress.measured, progress.record
    for column, split in enumerate(SPLITS):
        loss, accuracy = engine.evaluate(split)
        record.loss[index, :, column], record.accuracy[index, :, column] = loss, accuracy
    progress.measured += 1
    improved = [lane for lane in range(len(progress.best)) if record.early_stop(lane) == index]
    if improved:
        states = engine.states()
        for lane in improved:
            progress.best[lane] = states[lane].weights


def _train_accuracy(engine: Engine, progress: Progress) -> list[list[TrainAccuracy]]:
    record = progress.record
    at_best = engine.evaluate_weights(progress.best, "train")
    at_end = engine.evaluate("train")
    rows = []
    for lane in range(len(progress.best)):
        stop, end = record.iterations[record.early_stop(lane)], record.iterations[-1]
        best = TrainAccuracy(int(stop), at_best[0][lane], at_best[1][lane])
        last = TrainAccuracy(int(end), at_end[0][lane], at_end[1][lane])
        rows.append([best] if stop == end else [best, last])
    return rows
