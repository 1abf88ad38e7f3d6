from typing import Any

import pytest
import torch
import torch.nn as nn

from lth_core.networks.forward import forward_function
from lth_core.networks.shapes import weight_layers

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


def test_a_conv_network_is_that_of_pytorchs_modules():
    modules = nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(5, 6, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(24, 7), nn.ReLU(), nn.Linear(7, 4),
    )  # fmt: skip
    names = [name for layer in weight_layers(CONV) for name in (layer.weight, layer.bias)]
    weights: dict[str, torch.Tensor] = dict(zip(names, modules.parameters(), strict=True))
    images = torch.rand(10, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(forward_function(CONV)(weights, images), modules(images))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"type": "residual", "filters": 3}, r"layer 2 \(residual\): has no forward pass"),
        (
            {"type": "conv", "filters": 3, "batch_norm": True},
            r"layer 2 \(conv\): batch_norm has no forward pass",
        ),
    ],
)
def test_layers_without_a_forward_pass_are_named(layer, message):
    network = {"input": [3, 8, 8], "layers": [CONV["layers"][0], layer], "classes": 4}
    with pytest.raises(ValueError, match=message):
        forward_function(network)
