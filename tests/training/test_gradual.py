"""Networks that are pruned while they train, by both engines."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import Masks, Weights
from lth_core.pruning.mask import dense, keep_largest
from lth_core.training.batches import Draws
from lth_core.training.gradual import PruningEngine, begun, under
from lth_core.training.loop import Progress, train
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.record import Record
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.state import Optimiser, State
from lth_core.training.stopping import go_on
from tests.training.small import INITIALISATION, LAYERS, NETWORK, SPLITS
from tests.training.stopped_anywhere import assert_ends_the_same

pytestmark = pytest.mark.usefixtures("compiled_kernel")
ENGINES = pytest.mark.parametrize("engine_type", [SparseEngine, TorchEngine], ids=lambda e: e.name)

# By iteration: what is kept then, and how many weights that is.
KEEP = {3: {"fc": 0.5, "output": 0.75}, 6: {"fc": 0.1, "output": 0.5}}
COUNTS = {
    3: {"fc1.weight": 144, "output.weight": 18},
    6: {"fc1.weight": 29, "output.weight": 12},
}
ITERATIONS = 9


def smallest_gone(keep: dict[str, float], weights: Weights, masks: Masks) -> Masks:
    return keep_largest(LAYERS, weights, masks, keep, "layer")


KEEPING = {at: partial(smallest_gone, keep) for at, keep in KEEP.items()}


def start() -> list[State]:
    """Return two lanes with all their weights."""
    drawn = (draw_weights(LAYERS, INITIALISATION, np.random.default_rng(i)) for i in (2, 3))
    return [begun(State(weights, {}, 0), dense(LAYERS)) for weights in drawn]


def engine_of(engine_type: Any, states: list[State], keeping: Any = KEEPING) -> PruningEngine:
    adam = Optimiser("adam", 0.01)

    def make(states: list[State], masks: list[Masks]) -> Any:
        return engine_type(NETWORK, adam, SPLITS, states, masks)

    return PruningEngine(make, states, keeping)


def run(
    engine: PruningEngine, progress: Progress, pause: Callable[[], None] = go_on
) -> list[list[Any]]:
    order = DataOrder(300, 20, False, 4)
    draws = [Draws(order, False, False, lane) for lane in range(2)]
    return train(engine, draws, progress, lambda _: None, pause)


def counts(masks: Masks) -> dict[str, int]:
    return {name: int(mask.sum()) for name, mask in masks.items()}


@ENGINES
def test_after_each_step_the_count_is_exact_and_what_went_is_zero(engine_type: Any) -> None:
    engine = engine_of(engine_type, start())
    before = engine.masks
    for stop in range(3, ITERATIONS + 1, 3):
        run(engine, Progress(Record.empty(stop, 3, 2), stop - 3, stop // 3, [{}, {}], None, []))
        for lane, (state, masks) in enumerate(zip(engine.states(), engine.masks, strict=True)):
            assert counts(masks) == COUNTS[min(stop, 6)]
            for name, mask in masks.items():
                assert (before[lane][name] | ~mask).all(), "nested"
                assert (state.weights[name] != 0).sum() == mask.sum()
                for moment in ("m", "v"):
                    array = state.moments[f"{name}.{moment}"]
                    assert (array[~mask] == 0).all() and (array[mask] != 0).any()
        before = engine.masks
    assert not np.array_equal(engine.masks[0]["fc1.weight"], engine.masks[1]["fc1.weight"])


def test_moments_go_with_their_weights() -> None:
    mask = np.array([[True, False], [False, True]])
    names = ("fc1.weight", "fc1.bias")
    ones = {name: np.ones((2, 2), np.float32) for name in names}
    moments = {f"{name}.{key}": array for name, array in ones.items() for key in ("m", "v")}
    state = under(State(ones, moments, 7), {"fc1.weight": mask})
    assert state.step == 7
    for name, array in (state.weights | state.moments).items():
        assert array.dtype == np.float32
        assert np.array_equal(array, mask if name.startswith("fc1.weight") else np.ones((2, 2)))


@ENGINES
def test_one_step_at_the_end_is_one_shot_pruning(engine_type: Any) -> None:
    """The masks are those of the dense network that trains on the same batches, bit for bit."""
    pruned = engine_of(engine_type, start(), {ITERATIONS: KEEPING[6]})
    whole = engine_of(engine_type, start(), {})
    for engine in (pruned, whole):
        run(engine, Progress.begin(Record.empty(ITERATIONS, 3, 2), 2))
    for lane, weights in enumerate(whole.weights()):
        expected = smallest_gone(KEEP[6], weights, dense(LAYERS))
        for name, mask in expected.items():
            assert np.array_equal(pruned.masks[lane][name], mask)
            assert np.array_equal(pruned.weights()[lane][name], np.where(mask, weights[name], 0))


@ENGINES
def test_evaluations_see_the_pruned_network_and_earlier_weights_as_they_were(
    engine_type: Any,
) -> None:
    engine = engine_of(engine_type, start())
    first = engine.weights()
    before = engine.evaluate("test")
    progress = Progress.begin(Record.empty(6, 3, 2), 2)
    run(engine, progress)
    loss, accuracy = engine.evaluate("test")
    assert np.array_equal(progress.record.loss[-1, :, 1], loss)
    assert np.array_equal(progress.record.accuracy[-1, :, 1], accuracy)
    assert np.array_equal(engine.evaluate_weights(first, "test"), before)
    assert np.array_equal(engine.evaluate("test"), (loss, accuracy))


@ENGINES
def test_a_run_that_is_stopped_anywhere_ends_as_if_it_had_not_been(
    engine_type: Any, tmp_path: Path
) -> None:
    assert_ends_the_same(
        tmp_path, ITERATIONS, lambda states: engine_of(engine_type, states or start()), run
    )
