"""A run that is asked to stop, at whatever moment, ends as if nobody had asked."""

import os
import signal
from itertools import count

import numpy as np
import pytest

from lth_core.config.architecture import Architecture
from lth_core.data.split import Split
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import weight_layers
from lth_core.training.batches import Draws
from lth_core.training.checkpoint import ResumeFile
from lth_core.training.loop import Progress, train
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.record import Record
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.state import Optimiser, State
from lth_core.training.stopping import Stopped, stop_signals

INITIALISATION = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
IMAGE = (1, 6, 6)
CONVOLUTION = {"type": "conv", "filters": 3, "batch_norm": True}
LAYERS = {"dense": [{"type": "dense", "units": 8}], "convolution": [CONVOLUTION]}
ENGINES = [SparseEngine, TorchEngine]

pytestmark = pytest.mark.usefixtures("compiled_kernel")


def architecture(layers):
    found = {"input": list(IMAGE), "layers": layers, "classes": 3}
    return Architecture.model_validate(found).model_dump()


@pytest.fixture(scope="module")
def splits():
    rng = np.random.default_rng(1)
    scale = np.full(36, 1 / 255, np.float32), np.zeros(36, np.float32)

    def split(examples):
        pixels = rng.integers(0, 256, (examples, *IMAGE), np.uint8)
        return Split(pixels, rng.integers(0, 3, examples).astype(np.uint8), *scale)

    return {"train": split(300), "validation": split(70), "test": split(130)}


class Run:
    """Six iterations of two lanes, evaluated at every third, saved in a file when stopped."""

    def __init__(self, engine_type, layers, splits, path):
        self._type, self._network, self._splits = engine_type, architecture(layers), splits
        self._resume = ResumeFile(path, "identity")

    def __call__(self, pause):
        """Return the record, by bytes all weights, and the training accuracies."""
        layers = weight_layers(self._network)
        progress = Progress.begin(Record.empty(6, 3, 2), 2, snapshot_at=3)
        states = self._resume.load(progress)
        if states is None:
            drawn = (draw_weights(layers, INITIALISATION, np.random.default_rng(i)) for i in (2, 3))
            states = [State(weights, {}, 0) for weights in drawn]
        masks = [{layer.weight: np.ones(layer.shape, bool) for layer in layers}] * 2
        adam = Optimiser("adam", 0.01)
        engine = self._type(self._network, adam, self._splits, states, masks)
        order = DataOrder(300, 20, False, 4)
        draws = [Draws(order, False, False, lane) for lane in range(2)]
        try:
            accuracy = train(engine, draws, progress, lambda _: None, pause)
        except Stopped:
            self._resume.save(engine.states(), progress)
            raise
        weights = [*engine.weights(), *progress.best, *progress.snapshot]
        arrays = [{name: array.tobytes() for name, array in each.items()} for each in weights]
        return progress.record.loss.tobytes(), progress.record.accuracy.tobytes(), arrays, accuracy


@pytest.mark.parametrize("layers", LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize("engine_type", ENGINES, ids=lambda e: e.name)
def test_a_run_may_stop_whenever_it_pauses(engine_type, layers, splits, tmp_path):
    """Also twice, and in the middle of an evaluation."""
    pauses = count()
    expected = Run(engine_type, layers, splits, tmp_path / "whole")(lambda: next(pauses))
    total = next(pauses)
    evaluations = 3 * 2 + 1  # validation and test at 0, 3 and 6; all training examples at the end
    assert total >= 2 * evaluations, "both lanes pause in each evaluation"

    for at in range(total):
        run = Run(engine_type, layers, splits, tmp_path / f"stopped_{at}")
        for pauses_left in at, min(at, 3):
            left = count(pauses_left, -1)

            def pause(left=left):
                if next(left) == 0:
                    raise Stopped("asked to stop")

            try:
                found = run(pause)
                break
            except Stopped:
                continue
        else:
            found = run(lambda: None)
        assert found == expected, f"stopped at pause {at}"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGUSR1"])
def test_signals_ask_to_stop(name):
    number = getattr(signal, name)
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGUSR1)}
    try:
        request = stop_signals()
        request.check()
        os.kill(os.getpid(), number)
        with pytest.raises(Stopped):
            request.check()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
