"""Networks that learn from a teacher as well."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lth_core.config.architecture import Architecture
from lth_core.data.split import Split
from lth_core.networks.forward import forward_function
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.training.batches import Draws, of_lanes
from lth_core.training.distilled import DistilledEngine, distillation_loss
from lth_core.training.loop import train
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.state import Optimiser, State
from tests.training.stopped_anywhere import assert_ends_the_same

ADAM = Optimiser("adam", 0.01)
INITIALISATION = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
DENSE = {"input": [36], "layers": [{"type": "dense", "units": 8}], "classes": 3}
CONVOLUTIONAL = {
    "input": [1, 6, 6],
    "layers": [
        {"type": "conv", "filters": 4, "batch_norm": True},
        {"type": "max_pool", "size": 2},
        {"type": "dropout", "rate": 0.5},
        {"type": "dense", "units": 8},
    ],
    "classes": 3,
}
each_network = pytest.mark.parametrize("network", [DENSE, CONVOLUTIONAL], ids=["dense", "conv"])


def log_of(shares: list[float]) -> torch.Tensor:
    return torch.tensor([shares]).log()


def test_the_loss_is_that_of_the_mixed_target() -> None:
    logits = torch.zeros(1, 2, requires_grad=True)
    loss = distillation_loss(logits, torch.tensor([0]), log_of([0.25, 0.75]), 0.5, 1.0)
    assert loss.item() == pytest.approx(0.6931, abs=1e-4)
    loss.backward()
    assert logits.grad is not None
    assert logits.grad.tolist() == [pytest.approx([-0.125, 0.125])]


def test_the_gradient_of_a_temperature() -> None:
    """T (softmax(z / T) - p_T), averaged over the batch."""
    logits, teacher = torch.tensor([[1.0, -0.5], [0.2, 2.0]]), torch.tensor([[0.3, 1.0], [4.0, 1]])
    logits.requires_grad_()
    distillation_loss(logits, torch.tensor([0, 1]), teacher, 0.0, 2.0).backward()
    expected = 2 * (F.softmax(logits / 2, 1) - F.softmax(teacher / 2, 1)) / 2
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, expected.detach())


def split(network: dict[str, Any], examples: int) -> Split:
    rng = np.random.default_rng(examples)
    pixels = rng.integers(0, 256, (examples, *network["input"]), np.uint8)
    scale = np.full(36, 1 / 255, np.float32), np.zeros(36, np.float32)
    return Split(pixels, rng.integers(0, 3, examples).astype(np.uint8), *scale)


def splits(network: dict[str, Any]) -> dict[str, Split]:
    names = {"train": 300, "validation": 70, "test": 130}
    return {name: split(network, examples) for name, examples in names.items()}


def complete(network: dict[str, Any]) -> dict[str, Any]:
    return Architecture.model_validate(network).model_dump()


def drawn(network: dict[str, Any], seed: int) -> Weights:
    return draw_weights(weight_layers(network), INITIALISATION, np.random.default_rng(seed))


def half(network: dict[str, Any], seed: int) -> Masks:
    rng = np.random.default_rng(seed)
    return {layer.weight: rng.random(layer.shape) < 0.5 for layer in weight_layers(network)}


def teacher(network: dict[str, Any], seed: int) -> Weights:
    """Return weights whose answers are far from equal."""
    return {name: 4 * array for name, array in drawn(network, seed).items()}


def engine_of(
    network: dict[str, Any],
    alpha: float,
    temperature: float = 1.0,
    lanes: tuple[int, ...] = (0, 1),
    states: list[State] | None = None,
    **options: Any,
) -> DistilledEngine:
    network = complete(network)
    start = states or [State(drawn(network, lane), {}, 0) for lane in lanes]
    masks = [half(network, lane) for lane in lanes]
    teachers = [teacher(network, 10 + lane) for lane in lanes]
    told = (network, ADAM, splits(network), start, masks, teachers, alpha, temperature)
    return DistilledEngine(*told, **options)


def draws(network: dict[str, Any], lanes: tuple[int, ...] = (0, 1)) -> list[Draws]:
    order = DataOrder(300, 20, False, 4)
    dropout = any(layer["type"] == "dropout" for layer in network["layers"])
    return [Draws(order, False, dropout, lane) for lane in lanes]


@each_network
def test_with_alpha_1_it_is_plain_training_bit_for_bit(network: dict[str, Any]) -> None:
    states = [State(drawn(complete(network), lane), {}, 0) for lane in (0, 1)]
    masks = [half(complete(network), lane) for lane in (0, 1)]
    plain = TorchEngine(complete(network), ADAM, splits(network), states, masks)
    distilled = engine_of(network, 1.0, 3.0)
    taught = engine_of(network, 0.5)
    for engine in (plain, distilled, taught):
        engine.train(of_lanes(draws(network), 0, 30))
    for ours, theirs, other in zip(
        distilled.weights(), plain.weights(), taught.weights(), strict=True
    ):
        assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
        assert not np.array_equal(ours["output.weight"], other["output.weight"])


@each_network
def test_each_lane_comes_closer_to_its_own_teacher(network: dict[str, Any]) -> None:
    engine, images = engine_of(network, 0.0), torch.tensor(splits(network)["train"].images)
    forward = forward_function(complete(network))

    def answers(weights: Weights) -> torch.Tensor:
        return forward({name: torch.tensor(a) for name, a in weights.items()}, images, None)[0]

    def distance(lane: int, other: int) -> float:
        """Return the cross-entropy to a lane's teacher."""
        taught = F.softmax(answers(teacher(complete(network), 10 + other)), 1)
        return F.cross_entropy(answers(engine.weights()[lane]), taught).item()

    before = [distance(lane, lane) for lane in (0, 1)]
    engine.train(of_lanes(draws(network), 0, 300))
    for lane in (0, 1):
        assert distance(lane, lane) < min(before[lane], distance(lane, 1 - lane))
        for name, mask in half(complete(network), lane).items():
            assert (engine.weights()[lane][name][~mask] == 0).all()


def test_stacked_lanes_do_what_single_ones_do() -> None:
    single, stacked = (engine_of(DENSE, 0.3, 2.0, stacked=stacked) for stacked in (False, True))
    alone = engine_of(DENSE, 0.3, 2.0, lanes=(1,))
    for engine in (single, stacked):
        engine.train(of_lanes(draws(DENSE), 0, 20))
    alone.train(of_lanes(draws(DENSE, (1,)), 0, 20))
    for name, array in alone.weights()[0].items():
        assert np.array_equal(array, single.weights()[1][name])
    for one, other in zip(single.weights(), stacked.weights(), strict=True):
        for name, array in one.items():
            np.testing.assert_allclose(other[name], array, rtol=0, atol=1e-5)


def test_a_run_that_is_stopped_anywhere_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    assert_ends_the_same(
        tmp_path,
        6,
        lambda states: engine_of(CONVOLUTIONAL, 0.5, 2.0, states=states),
        lambda engine, progress, pause: train(
            engine, draws(CONVOLUTIONAL), progress, lambda _: None, pause
        ),
        every=3,
    )
