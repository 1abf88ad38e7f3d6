"""What the training loop keeps of a run: weights of an early iteration, training accuracies."""

from typing import Any

import numpy as np
import pytest

from lth_core.networks.initial import draw_weights
from lth_core.pruning.mask import dense
from lth_core.training.batches import Draws
from lth_core.training.loop import Progress, train
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.record import Record, TrainAccuracy
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.state import Optimiser, State
from tests.training.small import INITIALISATION, LAYERS, NETWORK, SPLITS

pytestmark = pytest.mark.usefixtures("compiled_kernel")
ENGINES = pytest.mark.parametrize("engine_type", [SparseEngine, TorchEngine], ids=lambda e: e.name)


def run(engine_type: Any, iterations: int, snapshot_at: int | None = None) -> tuple[Any, ...]:
    """Train two lanes on noise; return engine, progress and training accuracies by lane."""
    drawn = (draw_weights(LAYERS, INITIALISATION, np.random.default_rng(i)) for i in (2, 3))
    states = [State(weights, {}, 0) for weights in drawn]
    engine = engine_type(NETWORK, Optimiser("adam", 0.1), SPLITS, states, [dense(LAYERS)] * 2)
    draws = [Draws(DataOrder(300, 20, False, lane), False, False, lane) for lane in range(2)]
    progress = Progress.begin(Record.empty(iterations, 10, 2), 2, snapshot_at)
    return engine, progress, train(engine, draws, progress, lambda _: None)


@ENGINES
@pytest.mark.parametrize("at", [10, 30, 60])
def test_a_snapshot_is_what_a_run_of_that_length_ends_with(engine_type: Any, at: int) -> None:
    """Rewinding to the end of training in its place would be fine-tuning."""
    _, progress, _ = run(engine_type, 60, snapshot_at=at)
    shorter, _, _ = run(engine_type, at)
    for kept, weights in zip(progress.snapshot, shorter.weights(), strict=True):
        assert kept.keys() == weights.keys()
        assert all(kept[name].tobytes() == array.tobytes() for name, array in weights.items())


@ENGINES
def test_training_accuracy_is_of_the_training_set_at_early_stop_and_at_the_end(
    engine_type: Any,
) -> None:
    engine, progress, found = run(engine_type, 60)
    record, ends = progress.record, engine.evaluate("train")
    for lane, rows in enumerate(found):
        stop = int(record.iterations[record.early_stop(lane)])
        assert stop < 60, "noise is soon learnt by heart"
        shorter, _, _ = run(engine_type, stop)
        losses, accuracies = shorter.evaluate("train")
        assert rows == [
            TrainAccuracy(stop, losses[lane], accuracies[lane]),
            TrainAccuracy(60, ends[0][lane], ends[1][lane]),
        ]
