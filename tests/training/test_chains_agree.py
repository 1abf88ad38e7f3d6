"""Both engines over a whole short chain of prunings, on the real MNIST: the curves agree."""

import numpy as np
import pytest

from lth_core.data.load import load_splits
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import weight_layers
from lth_core.pruning.count import keep_after_rounds, pools
from lth_core.pruning.mask import dense, keep_highest
from lth_core.pruning.score import magnitude
from lth_core.training.batches import Batches
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.state import Optimiser, State

LENET = {
    "input": [784],
    "layers": [{"type": "dense", "units": 300}, {"type": "dense", "units": 100}],
    "classes": 10,
}
LAYERS = weight_layers(LENET)
RATES = {"fc": 0.5, "output": 0.25}
INITIALISATION = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
ROUNDS, EVALUATIONS, BLOCK = 4, 4, 100


def chain(engine_type, splits, trial):
    """Validation accuracy by round and evaluation of one trial: prune, reset, train."""
    initial = initial_weights(LAYERS, INITIALISATION, 0, trial)
    masks, trained, curves = dense(LAYERS), initial, []
    for round_ in range(ROUNDS):
        if round_:
            scores = {layer.weight: magnitude(trained[layer.weight]) for layer in LAYERS}
            kept = pools(LAYERS, keep_after_rounds(RATES, round_), "layer")
            masks = keep_highest(scores, masks, kept)
        start = {name: array * masks.get(name, True) for name, array in initial.items()}
        optimiser = Optimiser("adam", 1.2e-3)
        engine = engine_type(LENET, optimiser, splits, [State(start, {}, 0)], [masks])
        order = DataOrder(len(splits["train"]), 60, False, trial, round_)
        curve = []
        for block in range(EVALUATIONS):
            engine.train(Batches(order.batches(block * BLOCK, (block + 1) * BLOCK)[None]))
            curve.append(engine.evaluate("validation")[1][0])
        [state] = engine.states()
        trained = state.weights
        curves.append(curve)
    return curves


@pytest.mark.slow
def test_curves_of_a_chain_agree_between_engines(mnist_file):
    """Rounding grows chaotically, so weights part ways, but accuracies may not: over trials
    their mean difference is zero within its own error, and nowhere large."""
    splits = load_splits(mnist_file, {"validation": 5000, "scaling": "unit"}, [784])
    trials = range(4)
    sparse, torch = (
        np.array([chain(engine, splits, trial) for trial in trials])
        for engine in (SparseEngine, TorchEngine)
    )
    assert sparse.shape == (len(trials), ROUNDS, EVALUATIONS)
    assert sparse.min() > 0.85  # they did learn
    difference = (sparse - torch).reshape(len(trials), -1)
    by_trial = difference.mean(axis=1)
    error = by_trial.std(ddof=1) / np.sqrt(len(trials))
    assert abs(by_trial.mean()) < max(4 * error, 0.001)
    assert np.abs(difference.mean(axis=0)).max() < 0.005
