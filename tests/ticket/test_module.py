"""The PyTorch module of a ticket: it computes what the engines do, and stays a ticket."""

import copy
import pickle
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lth_core.networks.defaults import completed_network
from lth_core.networks.forward import forward_function
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.ticket.module import TicketModule
from tests.training.pytorch.test_deep_networks import EVERYTHING, SMALL_CONV_2, UNLIKE_THE_PAPERS

DENSE: dict[str, Any] = {"input": [12], "layers": [{"type": "dense", "units": 9}], "classes": 4}
NETWORKS = {
    "dense": DENSE,
    "conv": SMALL_CONV_2,
    "all": EVERYTHING,
    "other": UNLIKE_THE_PAPERS,
    "tanh": {**DENSE, "activation": "tanh"},
}


def ticket_of(network: dict[str, Any]) -> tuple[Masks, Weights]:
    """Return masks of half the weights, and weights with no batch norm that does nothing."""
    random = np.random.default_rng(0)
    masks, weights = {}, {}
    for layer in weight_layers(network):
        masks[layer.weight] = random.random(layer.shape) < 0.5
        for name, shape in layer.tensors.items():
            weights[name] = (0.3 * random.standard_normal(shape)).astype(np.float32)
            if name.endswith(("scale", "running_var")):
                weights[name] = np.abs(weights[name]) + np.float32(0.5)
        weights[layer.weight] *= masks[layer.weight]
    return masks, weights


def made(network: dict[str, Any]) -> TicketModule:
    return TicketModule(completed_network(network), *ticket_of(network))


def images_of(network: dict[str, Any], number: int = 16) -> torch.Tensor:
    return torch.rand(number, *network["input"], generator=torch.Generator().manual_seed(1))


def logits(module: TicketModule, images: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return module.eval()(images)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_an_evaluation_is_the_engines(network: dict[str, Any]) -> None:
    _, weights = ticket_of(network)
    tensors = {name: torch.tensor(array) for name, array in weights.items()}
    expected, _ = forward_function(network)(tensors, images_of(network), None)
    assert torch.equal(logits(made(network), images_of(network)), expected)


class Restless(torch.optim.Optimizer):
    """Moves every value of every parameter by a random amount, whatever its gradient."""

    def __init__(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        super().__init__(parameters, {})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter += 0.1 * torch.randn_like(parameter)


OPTIMISERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "momentum": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.1, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, 0.01),
    "adamw": lambda p: torch.optim.AdamW(p, 0.01),
    "rprop": torch.optim.Rprop,
    "restless": Restless,
}


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_pruned_weights_stay_zero(optimiser: Callable[[Any], torch.optim.Optimizer]) -> None:
    module, images = made(EVERYTHING), images_of(EVERYTHING)
    before = module.fc1.weight.detach().clone()
    stepper = optimiser(module.parameters())
    for _ in range(5):
        stepper.zero_grad()
        F.cross_entropy(module.train()(images), torch.arange(16) % 4).backward()
        stepper.step()
    for name, mask in ticket_of(EVERYTHING)[0].items():
        weight = module.get_submodule(name.removesuffix(".weight")).weight.detach().numpy()
        assert not weight[~mask].any() and weight[mask].all()
    assert not torch.equal(before, module.fc1.weight)


def test_what_lies_under_the_mask_counts_for_nothing() -> None:
    module, images = made(SMALL_CONV_2), images_of(SMALL_CONV_2)
    before = logits(module, images)
    with torch.no_grad():
        module.conv1.unmasked[~module.conv1.mask] = torch.nan
    assert torch.equal(logits(module, images), before)
    module(images).sum().backward()
    assert not module.conv1.unmasked.grad[~module.conv1.mask].any()


def test_training_moves_what_the_engine_moves() -> None:
    """Running statistics of batch norm; dropout drops in training only."""
    module, images = made(EVERYTHING), images_of(EVERYTHING)
    weights = {name: torch.tensor(array) for name, array in ticket_of(EVERYTHING)[1].items()}
    still = logits(module, images)
    assert torch.equal(module.conv1.running_mean, weights["conv1.running_mean"])
    first, second = module.train()(images), module(images)
    assert not torch.equal(first, second)
    assert not torch.equal(logits(module, images), still)
    once = made(EVERYTHING).train()
    once(images)
    _, moved = forward_function(EVERYTHING)(weights, images, [torch.ones(())])
    for name, value in moved.items():
        torch.testing.assert_close(once.get_buffer(name), value)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_whole_and_apart(copied: Callable[[TicketModule], TicketModule]) -> None:
    module, images = made(EVERYTHING), images_of(EVERYTHING)
    module(images)  # once used, it still can be copied
    other = copied(module)
    before = logits(module, images)
    assert torch.equal(logits(other, images), before)
    with torch.no_grad():
        other.fc1.unmasked += 1
    assert torch.equal(logits(module, images), before)
    assert not torch.equal(logits(other, images), before)


def test_a_state_dict_brings_mask_and_weights() -> None:
    module, images = made(EVERYTHING), images_of(EVERYTHING)
    masks, weights = ticket_of(EVERYTHING)
    dense = {name: np.ones_like(mask) for name, mask in masks.items()}
    other = TicketModule(
        completed_network(EVERYTHING), dense, {name: a + 1 for name, a in weights.items()}
    )
    other.load_state_dict(module.state_dict())
    assert torch.equal(logits(other, images), logits(module, images))
    assert set(dict(module.named_parameters())) == {
        name.replace(".weight", ".unmasked") for name in weights if "running" not in name
    }
