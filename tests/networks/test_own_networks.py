"""Networks unlike the paper's against PyTorch's modules: logits, running statistics, gradients."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn as nn

from lth_core.networks.cost import multiply_adds
from lth_core.networks.forward import forward_function
from lth_core.networks.initial import initial_weights, standard_deviation
from lth_core.networks.shapes import is_running, weight_layers
from tests.networks.test_forward import Block, put_into, random_weights

GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
IMAGES = torch.randn(10, 3, 9, 8, generator=torch.Generator().manual_seed(3))
ACTIVATIONS = {
    "relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU, "elu": nn.ELU,
}  # fmt: skip
# Settings of a convolution, the module that does the same, and what it makes of 9x8 pixels.
CONVOLUTIONS: list[tuple[dict[str, Any], nn.Module, tuple[int, int]]] = [
    ({"kernel": 1}, nn.Conv2d(3, 4, 1), (9, 8)),
    ({"kernel": 5}, nn.Conv2d(3, 4, 5, padding=2), (9, 8)),
    ({"kernel": 5, "stride": 2}, nn.Conv2d(3, 4, 5, 2, padding=2), (5, 4)),
    ({"stride": 3}, nn.Conv2d(3, 4, 3, 3, padding=1), (3, 3)),
    ({"padding": 0}, nn.Conv2d(3, 4, 3), (7, 6)),
    ({"kernel": 4, "padding": 1}, nn.Conv2d(3, 4, 4, padding=1), (8, 7)),
    ({"kernel": 2, "stride": 2, "padding": 0}, nn.Conv2d(3, 4, 2, 2), (4, 4)),
    ({"kernel": 8, "padding": 0}, nn.Conv2d(3, 4, 8), (2, 1)),
]


def network(*layers: dict[str, Any], activation: str = "relu") -> dict[str, Any]:
    return {"input": [3, 9, 8], "activation": activation, "layers": layers, "classes": 4}


def assert_same(described: dict[str, Any], modules: nn.Module) -> None:
    """Compare an evaluation, then a forward and backward pass of training."""
    weights, forward = random_weights(described), forward_function(described)
    with torch.no_grad():
        put_into(modules, weights)
    torch.testing.assert_close(forward(weights, IMAGES, None)[0], modules.eval()(IMAGES))

    trained = {n: w.requires_grad_() for n, w in weights.items() if not is_running(n)}
    logits, running = forward(weights, IMAGES, ())
    expected = modules.train()(IMAGES)
    torch.testing.assert_close(logits, expected)
    moved = [t for name, t in modules.named_buffers() if "num_batches" not in name]
    for found, buffer in zip(running.values(), moved, strict=True):
        torch.testing.assert_close(found, buffer)
    gradients = torch.autograd.grad(expected.square().sum(), list(modules.parameters()))
    found_gradients = torch.autograd.grad(logits.square().sum(), list(trained.values()))
    for found, gradient in zip(found_gradients, gradients, strict=True):
        assert (found - gradient).norm() <= 1e-5 * gradient.norm() + 1e-5


@pytest.mark.parametrize(("settings", "module", "size"), CONVOLUTIONS)
def test_a_convolution_is_that_of_pytorchs_module(
    settings: dict[str, Any], module: nn.Conv2d, size: tuple[int, int]
) -> None:
    described = network({"type": "conv", "filters": 4, **settings})
    pixels = size[0] * size[1]
    modules = nn.Sequential(module, nn.ReLU(), nn.Flatten(), nn.Linear(4 * pixels, 4))
    assert_same(described, modules)
    layer = weight_layers(described)[0]
    assert layer.shape == tuple(module.weight.shape)
    field = module.kernel_size[0] ** 2
    assert standard_deviation(layer, GLOROT) == pytest.approx((2 / (field * (3 + 4))) ** 0.5)
    assert multiply_adds(described) == layer.size * pixels + 4 * pixels * 4


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_activation_follows_every_layer_but_the_output(name: str) -> None:
    """Pooled after the activation, which differs from before it where that does not rise."""
    act: Callable[[], nn.Module] = ACTIVATIONS[name]
    described = network(
        {"type": "conv", "filters": 5, "batch_norm": True},
        {"type": "conv", "filters": 4, "kernel": 2, "padding": 0},
        {"type": "max_pool", "size": 1},
        {"type": "conv", "filters": 6, "kernel": 3, "stride": 2},
        {"type": "max_pool", "size": 4},
        {"type": "dense", "units": 7},
        activation=name,
    )
    modules = nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1, bias=False), nn.BatchNorm2d(5), act(),
        nn.Conv2d(5, 4, 2), act(), nn.MaxPool2d(1),
        nn.Conv2d(4, 6, 3, 2, padding=1), act(), nn.MaxPool2d(4),
        nn.Flatten(), nn.Linear(6, 7), act(), nn.Linear(7, 4),
    )  # fmt: skip
    assert_same(described, modules)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_residual_block_has_the_networks_activation(name: str) -> None:
    described = network(
        {"type": "residual", "filters": 3}, {"type": "residual", "filters": 5}, activation=name
    )
    blocks = [Block(3, 3, 1, ACTIVATIONS[name]()), Block(3, 5, 1, ACTIVATIONS[name]())]
    assert_same(described, nn.Sequential(*blocks, nn.Flatten(), nn.Linear(5 * 72, 4)))


def test_batch_norm_of_a_dense_layer_is_that_of_pytorchs_module() -> None:
    described = network(
        {"type": "dense", "units": 8, "batch_norm": True},
        {"type": "dense", "units": 7},
        {"type": "dense", "units": 6, "batch_norm": True},
        activation="tanh",
    )
    modules = nn.Sequential(
        nn.Flatten(), nn.Linear(216, 8, bias=False), nn.BatchNorm1d(8), nn.Tanh(),
        nn.Linear(8, 7), nn.Tanh(), nn.Linear(7, 6, bias=False), nn.BatchNorm1d(6), nn.Tanh(),
        nn.Linear(6, 4),
    )  # fmt: skip
    assert_same(described, modules)
    start = initial_weights(weight_layers(described), GLOROT, 0, 0)
    assert "fc1.bias" not in start and "fc2.bias" in start
    assert (start["fc1.scale"] == 1).all() and not start["fc3.shift"].any()
