"""The sparse engine against PyTorch: Lenet-300-100 on the real MNIST."""

import numpy as np
import pytest

from lth_core.data.load import load_splits
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import weight_layers
from lth_core.training.batches import Batches
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.state import Optimiser, State

pytestmark = pytest.mark.usefixtures("compiled_kernel")

LENET = {
    "input": [784],
    "layers": [{"type": "dense", "units": 300}, {"type": "dense", "units": 100}],
    "classes": 10,
}
EXAMPLES = 6000  # of the training set: as many as 100 batches of 60
LAYERS = weight_layers(LENET)
OPTIMISERS = [
    Optimiser("adam", 1.2e-3),
    Optimiser("sgd", 0.05),
    Optimiser("momentum", 0.05, momentum=0.9),
    Optimiser("momentum", 0.02, momentum=0.9, nesterov=True, weight_decay=1e-3),
    Optimiser("adamw", 6e-4, weight_decay=0.1),
]


@pytest.fixture(scope="module")
def splits(mnist_file):
    splits = load_splits(mnist_file, {"validation": 5000, "scaling": "unit"}, [784])
    return splits | {"train": splits["train"][:EXAMPLES]}


def ticket(density):
    """The dense network's initial weights under masks that keep the largest of each layer."""
    initialisation = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
    weights = initial_weights(LAYERS, initialisation, 0, 0)
    masks = {
        name: np.abs(array) >= np.quantile(np.abs(array), 1 - density)
        for name, array in weights.items()
        if name.endswith("weight")
    }
    return {name: array * masks.get(name, True) for name, array in weights.items()}, masks


def relative_difference(found, expected):
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


@pytest.mark.parametrize("density", [1.0, 0.21, 0.036])
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda o: o.name)
def test_engines_agree_after_100_iterations(optimiser, density, splits):
    """Same start, batches and formulas, but sums in another order. Each rounds by about 1e-7,
    which training amplifies, chaotically in the end; after 100 iterations 1e-5 was measured.
    An engine that took a constant of its optimiser wrong would be off by 1e-3 or more."""
    weights, masks = ticket(density)
    batches = DataOrder(EXAMPLES, 60, False, "agree").batches(0, 100)[None]
    engines = [
        engine(LENET, optimiser, splits, [State(weights, {}, 0)], [masks])
        for engine in (SparseEngine, TorchEngine)
    ]
    for engine in engines:
        engine.train(Batches(batches))
    [sparse], [torch] = (engine.states() for engine in engines)
    assert sparse.step == torch.step == 100
    for mine, reference in (sparse.weights, torch.weights), (sparse.moments, torch.moments):
        assert mine.keys() == reference.keys()
        for name, expected in reference.items():
            assert relative_difference(mine[name], expected) < 1e-4, name
    for split in "validation", "test":
        (mine_loss, mine_accuracy), (loss, accuracy) = (e.evaluate(split) for e in engines)
        np.testing.assert_allclose(mine_loss, loss, rtol=1e-5)
        # At most one example close to a tie changes its class.
        np.testing.assert_allclose(mine_accuracy, accuracy, atol=1.5 / 5000)


def test_a_run_may_change_its_engine(splits):
    """50 iterations in one engine and 50 in the other end like 100 in one."""
    optimiser = OPTIMISERS[0]
    weights, masks = ticket(0.21)
    batches = DataOrder(EXAMPLES, 60, False, "agree").batches(0, 100)[None]
    ends = []
    for first, second in (SparseEngine, TorchEngine), (TorchEngine, SparseEngine):
        begun = first(LENET, optimiser, splits, [State(weights, {}, 0)], [masks])
        begun.train(Batches(batches[:, :50]))
        ended = second(LENET, optimiser, splits, begun.states(), [masks])
        ended.train(Batches(batches[:, 50:]))
        ends += ended.states()
    for name, expected in ends[1].weights.items():
        assert relative_difference(ends[0].weights[name], expected) < 1e-4, name
