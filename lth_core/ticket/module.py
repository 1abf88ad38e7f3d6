"""A ticket as a PyTorch module: any optimiser may train it, its pruned weights stay zero."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lth_core.networks.forward import Forward, Tensors, forward_function
from lth_core.networks.shapes import Layer, Masks, Weights, is_running, steps, weight_layers


class MaskedLayer(nn.Module):
    """The tensors of one layer, called as in the pipeline; a weight stands under its mask.

    `unmasked` is the parameter that optimisers see, `weight` the same under the mask: whatever an
    optimiser puts where a weight is pruned, it is zero, and has no gradient.
    """

    unmasked: nn.Parameter
    mask: torch.Tensor

    def __init__(self, layer: Layer, masks: Masks, weights: Weights) -> None:
        super().__init__()
        for name in layer.tensors:
            tensor, own = torch.tensor(weights[name]), name.removeprefix(f"{layer.name}.")
            if is_running(name):
                self.register_buffer(own, tensor)
            else:
                own = "unmasked" if name == layer.weight else own
                self.register_parameter(own, nn.Parameter(tensor))
        self.register_buffer("mask", torch.tensor(masks[layer.weight]))

    @property
    def weight(self) -> torch.Tensor:
        """The weight under its mask."""
        return torch.where(self.mask, self.unmasked, torch.zeros_like(self.unmasked))

    def tensors(self) -> Tensors:
        """Return the tensors of the forward pass by name: `weight`, and `bias` or batch norm's."""
        named = {**dict(self.named_parameters()), **dict(self.named_buffers())}
        del named["unmasked"], named["mask"]
        return {"weight": self.weight, **named}


class TicketModule(nn.Module):
    """The network of a ticket: images to logits, by the forward pass that the engine has.

    Layers are its children, by their names in the pipeline: `module.fc1.weight`. In training mode
    dropout draws from PyTorch's generator, and batch norm moves its running statistics.
    """

    def __init__(self, network: Mapping[str, Any], masks: Masks, weights: Weights) -> None:
        """Build `network`, as in config/architectures/, from arrays by name."""
        super().__init__()
        self._network = json.dumps(network)  # as text: `_forward` remembers by it
        self._dropouts = [
            (step.spec["rate"], step.output)
            for step in steps(dict(network))
            if step.spec["type"] == "dropout"
        ]
        for layer in weight_layers(dict(network)):
            self.add_module(layer.name, MaskedLayer(layer, masks, weights))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits (batch, classes) of images (batch, *network["input"])."""
        layers = dict(self.named_children())
        tensors = {
            f"{name}.{own}": tensor
            for name, layer in layers.items()
            if isinstance(layer, MaskedLayer)
            for own, tensor in layer.tensors().items()
        }
        logits, running = _forward(self._network)(tensors, images, self._noise(images))
        with torch.no_grad():
            for name, moved in running.items():
                self.get_buffer(name).copy_(moved)
        return logits

    def _noise(self, images: torch.Tensor) -> list[torch.Tensor] | None:
        """Return dropout's factors of one training step; None for an evaluation."""
        if not self.training:
            return None
        return [
            F.dropout(images.new_ones(len(images), *shape), rate) for rate, shape in self._dropouts
        ]


@cache
def _forward(network: str) -> Forward:
    """Return the forward pass of a network. It is no part of a module, as no function pickles."""
    return forward_function(json.loads(network))
