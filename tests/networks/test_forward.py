from typing import Any

import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F

from lth_core.networks.forward import forward_function
from lth_core.networks.shapes import is_running, weight_layers

CONV: dict[str, Any] = {
    "input": [3, 8, 8],
    "layers": [
        {"type": "conv", "filters": 5},
        {"type": "max_pool", "size": 2},
        {"type": "conv", "filters": 6},
        {"type": "average_pool", "size": 2},
        {"type": "dense", "units": 7},
    ],
    "classes": 4,
}
NORMED: dict[str, Any] = {
    "input": [3, 8, 8],
    "layers": [
        {"type": "conv", "filters": 5, "batch_norm": True},
        {"type": "max_pool", "size": 2},
        {"type": "conv", "filters": 6, "batch_norm": True},
    ],
    "classes": 4,
}
RESIDUAL: dict[str, Any] = {
    "input": [3, 8, 8],
    "layers": [
        {"type": "residual", "filters": 3, "stride": 1},
        {"type": "residual", "filters": 5, "stride": 1},
        {"type": "residual", "filters": 6, "stride": 2},
        {"type": "average_pool", "size": 4},
    ],
    "classes": 4,
}
DROPPED: dict[str, Any] = {
    "input": [6],
    "layers": [
        {"type": "dropout", "rate": 0.25},
        {"type": "dense", "units": 5},
        {"type": "dropout", "rate": 0.5},
    ],
    "classes": 4,
}
IMAGES = torch.randn(10, 3, 8, 8, generator=torch.Generator().manual_seed(0))


class Block(nn.Module):
    """He et al.'s residual block, written by hand."""

    def __init__(
        self, channels: int, filters: int, stride: int, activation: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.activation = activation or nn.ReLU()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(filters)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != filters:
            conv = nn.Conv2d(channels, filters, 1, stride, bias=False)
            self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(filters))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.activation(self.norm1(self.conv1(x)))
        return self.activation(self.norm2(self.conv2(y)) + self.shortcut(x))


def normed_modules():
    return nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1, bias=False), nn.BatchNorm2d(5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(5, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(),
        nn.Flatten(), nn.Linear(96, 4),
    )  # fmt: skip


def residual_modules():
    blocks = Block(3, 3, 1), Block(3, 5, 1), Block(5, 6, 2)
    return nn.Sequential(*blocks, nn.AvgPool2d(4), nn.Flatten(), nn.Linear(6, 4))


def random_weights(network):
    """Weights with no batch norm that does nothing."""
    generator = torch.Generator().manual_seed(1)
    weights = {}
    for layer in weight_layers(network):
        for name, shape in layer.tensors.items():
            weights[name] = 0.3 * torch.randn(shape, generator=generator)
            if name.endswith(("scale", "running_var")):
                weights[name] = 0.5 + weights[name].abs()
    return weights


def put_into(modules, weights):
    """Give the modules, which come in the order of the layers, copies of the weights."""
    own = [t for name, t in modules.state_dict().items() if "num_batches" not in name]
    for tensor, weight in zip(own, weights.values(), strict=True):
        tensor.copy_(weight)


def test_a_conv_network_is_that_of_pytorchs_modules():
    modules = nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(5, 6, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(24, 7), nn.ReLU(), nn.Linear(7, 4),
    )  # fmt: skip
    weights = random_weights(CONV)
    put_into(modules, weights)
    logits, running = forward_function(CONV)(weights, IMAGES, ())
    torch.testing.assert_close(logits, modules(IMAGES))
    assert not running


@pytest.mark.parametrize(
    ("network", "build"), [(NORMED, normed_modules), (RESIDUAL, residual_modules)]
)
def test_batch_norm_and_residual_blocks_are_those_of_pytorchs_modules(network, build):
    weights, modules = random_weights(network), build()
    put_into(modules, weights)
    before = {name: weight.clone() for name, weight in weights.items()}
    forward = forward_function(network)

    modules.eval()
    logits, running = forward(weights, IMAGES, None)
    torch.testing.assert_close(logits, modules(IMAGES))
    assert not running

    modules.train()
    trained = {n: w.requires_grad_() for n, w in weights.items() if not is_running(n)}
    logits, running = forward(weights, IMAGES, ())
    torch.testing.assert_close(logits, modules(IMAGES))
    expected = [t for name, t in modules.named_buffers() if "num_batches" not in name]
    for found, moved in zip(running.values(), expected, strict=True):
        torch.testing.assert_close(found, moved)
    found_gradients = torch.autograd.grad(logits.square().sum(), list(trained.values()))
    gradients = torch.autograd.grad(modules(IMAGES).square().sum(), list(modules.parameters()))
    for found, gradient in zip(found_gradients, gradients, strict=True):
        torch.testing.assert_close(found, gradient, rtol=1e-4, atol=1e-4)
    assert all(torch.equal(weights[name], tensor) for name, tensor in before.items())


def test_dropout_multiplies_by_the_noise_in_training_only():
    weights, forward = random_weights(DROPPED), forward_function(DROPPED)
    x = IMAGES.flatten(1)[:, :6]
    generator = torch.Generator().manual_seed(2)
    noise = [torch.randint(0, 3, (10, n), generator=generator).float() for n in (6, 5)]
    hidden = F.relu(F.linear(x * noise[0], weights["fc1.weight"], weights["fc1.bias"]))
    output = (weights["output.weight"], weights["output.bias"])
    torch.testing.assert_close(forward(weights, x, noise)[0], F.linear(hidden * noise[1], *output))
    hidden = F.relu(F.linear(x, weights["fc1.weight"], weights["fc1.bias"]))
    torch.testing.assert_close(forward(weights, x, None)[0], F.linear(hidden, *output))
