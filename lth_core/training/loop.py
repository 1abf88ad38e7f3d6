"""The training loop: one for every network, engine and number of lanes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lth_core.networks.shapes import Weights
from lth_core.training.batches import Batches, Draws, of_lanes
from lth_core.training.record import SPLITS, Record, TrainAccuracy
from lth_core.training.state import State
from lth_core.training.stopping import Pause, go_on


class Engine(Protocol):
    """What trains and evaluates one or more lanes; arrays are indexed by lane first."""

    name: str
    # Iterations to do at a time, between which the job may save itself: a second, or one.
    stretch: int

    def train(self, batches: Batches) -> None:
        """Run the iterations of `batches`."""

    def evaluate(self, split: str, pause: Pause = go_on) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy, float64 (lanes,), of the present weights.

        pause is called again and again; where it raises, the engine stands as before.
        """

    def evaluate_weights(
        self, weights: list[Weights], split: str, pause: Pause = go_on
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy, float64 (lanes,), of `weights` under the masks."""

    def weights(self) -> list[Weights]:
        """Return a copy of all weights, in dense layout."""

    def states(self) -> list[State]:
        """Return a copy of all states, in dense layout."""

    @property
    def description(self) -> dict[str, str]:
        """What the manifest records of the engine."""


@dataclass
class Progress:
    """A job between two iterations: all that is needed to go on.

    step: iterations done. measured: evaluations done. best: by lane, the weights at the
    least validation loss so far. snapshot: by lane, the weights at the iteration
    `snapshot_at`; empty before it, and where there is none.
    """

    record: Record
    step: int
    measured: int
    best: list[Weights]
    snapshot_at: int | None
    snapshot: list[Weights]

    @classmethod
    def begin(cls, record: Record, lanes: int, snapshot_at: int | None = None) -> "Progress":
        """Return the progress of `lanes` lanes of which nothing is measured."""
        empty: list[Weights] = [{} for _ in range(lanes)]
        return cls(record, 0, 0, empty, snapshot_at, list(empty))


def train(
    engine: Engine,
    draws: list[Draws],
    progress: Progress,
    checkpoint: Callable[[Progress], None],
    pause: Pause = go_on,
) -> list[list[TrainAccuracy]]:
    """Train all lanes from where `progress` stands to the end, measuring into its record.

    checkpoint is called after each stretch of iterations and decides for itself whether to save.
    pause is called there, too, and again and again during evaluations. It may raise: `progress` and
    the engine's states are then such that training can go on from them.
    Returns by lane the training accuracy at the early-stop iteration and at the end.
    Early stopping only reads the record: training always runs to the end (Section 2).
    """
    iterations = progress.record.iterations
    while progress.measured < len(iterations):
        evaluation = int(iterations[progress.measured])
        while progress.step < evaluation:
            stop = min(progress.step + engine.stretch, evaluation)
            engine.train(of_lanes(draws, progress.step, stop))
            progress.step = stop
            checkpoint(progress)
            pause()
        _measure(engine, progress, pause)
    return _train_accuracy(engine, progress, pause)


def _measure(engine: Engine, progress: Progress, pause: Pause) -> None:
    index, record = progress.measured, progress.record
    for column, split in enumerate(SPLITS):
        loss, accuracy = engine.evaluate(split, pause)
        record.loss[index, :, column], record.accuracy[index, :, column] = loss, accuracy
    progress.measured += 1
    improved = [lane for lane in range(len(progress.best)) if record.early_stop(lane) == index]
    if improved:
        weights = engine.weights()
        for lane in improved:
            progress.best[lane] = weights[lane]
    if record.iterations[index] == progress.snapshot_at:
        progress.snapshot = engine.weights()


def _train_accuracy(engine: Engine, progress: Progress, pause: Pause) -> list[list[TrainAccuracy]]:
    record, lanes = progress.record, range(len(progress.best))
    stops = [record.iterations[record.early_stop(lane)] for lane in lanes]
    end = record.iterations[-1]
    at_end = engine.evaluate("train", pause)
    early = any(stop != end for stop in stops)
    at_best = engine.evaluate_weights(progress.best, "train", pause) if early else at_end
    rows = []
    for lane, stop in zip(lanes, stops, strict=True):
        best = TrainAccuracy(int(stop), at_best[0][lane], at_best[1][lane])
        last = TrainAccuracy(int(end), at_end[0][lane], at_end[1][lane])
        rows.append([best] if stop == end else [best, last])
    return rows
