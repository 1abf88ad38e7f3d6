"""Both engines over a whole short chain of prunings, on real images: the curves agree."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from lth_core.config.architecture import Architecture
from lth_core.config.files import read_mapping
from lth_core.data.load import load_splits
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import weight_layers
from lth_core.pruning.count import keep_after_rounds, pools
from lth_core.pruning.mask import dense, keep_highest
from lth_core.pruning.score import magnitude
from lth_core.training.batches import Draws, of_lanes
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.state import Optimiser, State

INITIALISATION = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}


class Setting(NamedTuple):
    """A network and how it is trained.

    block: iterations from one of the evaluations to the next. least: accuracy that shows that it
    has learnt.
    """

    network: str
    optimiser: Optimiser
    batch: int
    rates: dict[str, float]
    rounds: int
    evaluations: int
    block: int
    trials: int
    least: float


LENET = Setting(
    "lenet_300_100", Optimiser("adam", 1.2e-3), 60, {"fc": 0.5, "output": 0.25}, 4, 4, 100, 4, 0.85
)
CONV_2 = Setting(
    "conv2", Optimiser("adam", 5e-4), 20, {"conv": 0.5, "fc": 0.6, "output": 0.3}, 2, 2, 25, 3, 0.2
)
RESNET_18 = Setting(
    "resnet18", Optimiser("momentum", 0.03, weight_decay=1e-4, warmup=10), 10,
    {"conv": 0.6, "shortcut": 0.0, "output": 0.0}, 2, 2, 50, 3, 0.13,
)  # fmt: skip


def chain(engine_type, setting, splits, trial):
    """Validation accuracy by round and evaluation of one trial: prune, reset, train."""
    network, layers = architecture(setting.network)
    initial = initial_weights(layers, INITIALISATION, 0, trial)
    masks, trained, curves = dense(layers), initial, []
    for round_ in range(setting.rounds):
        if round_:
            scores = {layer.weight: magnitude(trained[layer.weight]) for layer in layers}
            kept = pools(layers, keep_after_rounds(setting.rates, round_), "layer")
            masks = keep_highest(scores, masks, kept)
        start = {name: array * masks.get(name, True) for name, array in initial.items()}
        engine = engine_type(network, setting.optimiser, splits, [State(start, {}, 0)], [masks])
        order = DataOrder(len(splits["train"]), setting.batch, False, trial, round_)
        draws = Draws(order, False, False, trial, round_)
        curve = []
        for block in range(setting.evaluations):
            engine.train(of_lanes([draws], block * setting.block, (block + 1) * setting.block))
            curve.append(engine.evaluate("validation")[1][0])
        [trained] = engine.weights()
        curves.append(curve)
    return curves


def architecture(name):
    path = Path(f"config/architectures/{name}.yaml")
    network = Architecture.model_validate(read_mapping(path)).model_dump()
    return network, weight_layers(network)


def assert_curves_agree(setting, splits, far):
    """Rounding grows chaotically, so weights part ways, but accuracies may not: over trials
    their mean difference is zero within its own error, and nowhere beyond `far`."""
    sparse, torch = (
        np.array([chain(engine, setting, splits, trial) for trial in range(setting.trials)])
        for engine in (SparseEngine, TorchEngine)
    )
    assert sparse[..., -1].min() > setting.least, sparse
    difference = (sparse - torch).reshape(setting.trials, -1)
    by_trial = difference.mean(axis=1)
    error = by_trial.std(ddof=1) / np.sqrt(setting.trials)
    assert abs(by_trial.mean()) < max(4 * error, far / 5), difference
    assert np.abs(difference.mean(axis=0)).max() < far, difference


@pytest.mark.slow
@pytest.mark.long
def test_curves_of_lenet_agree(mnist_file):
    splits = load_splits(mnist_file, {"validation": 5000, "scaling": "unit"}, [784])
    assert_curves_agree(LENET, splits, far=0.005)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("setting", [CONV_2, RESNET_18], ids=lambda s: s.network)
def test_curves_of_convolutional_networks_agree(setting, cifar10_file):
    """On the real CIFAR-10, 600 examples to validate: 0.06 is five standard errors of one accuracy
    there, over three trials."""
    dataset = {"validation": 5000, "scaling": "standardise"}
    splits = load_splits(cifar10_file, dataset, [3, 32, 32])
    splits["validation"] = splits["validation"][:600]
    assert_curves_agree(setting, splits, far=0.06)
