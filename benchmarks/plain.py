"""The plain PyTorch loop of `conv.py`: modules, float32, the optimiser as it comes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lth_core.data.split import Split
from lth_core.training.batches import Batches
from lth_core.training.pytorch.augment import crop_and_flip
from lth_core.training.state import Optimiser

CHUNK = 100  # examples evaluated at a time


class PlainLoop:
    """Trains and evaluates one network as an engine does, on resident tensors."""

    def __init__(
        self, network: Mapping[str, Any], optimiser: Optimiser, splits: Mapping[str, Split]
    ) -> None:
        self._splits = {
            name: (torch.tensor(split.images), torch.tensor(split.labels).long())
            for name, split in splits.items()
        }
        self._model = modules(network)
        self._model(torch.zeros(2, *network["input"]))  # tells lazy layers their inputs
        parameters = self._model.parameters()
        if optimiser.name == "adam":
            self._optimiser: torch.optim.Optimizer = torch.optim.Adam(
                parameters, optimiser.learning_rate
            )
        else:
            decay = optimiser.weight_decay
            self._optimiser = torch.optim.SGD(
                parameters, optimiser.learning_rate, optimiser.momentum, weight_decay=decay
            )

    def train(self, batches: Batches) -> None:
        """Do the iterations of `batches`, of one lane."""
        torch.set_deterministic_debug_mode("default")  # as PyTorch comes
        images, labels = self._splits["train"]
        self._model.train()
        for i, rows in enumerate(torch.tensor(batches.rows[0])):
            x = images[rows]
            if batches.crops is not None:
                x = crop_and_flip(x, torch.tensor(batches.crops[0, i])).contiguous()
            self._optimiser.zero_grad()
            F.cross_entropy(self._model(x), labels[rows]).backward()
            self._optimiser.step()
        torch.set_deterministic_debug_mode("error")  # as the torch engine sets it

    @torch.no_grad()
    def evaluate(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy on `split`, each float64 (1,)."""
        images, labels = self._splits[split]
        self._model.eval()
        logits = torch.cat([self._model(chunk) for chunk in images.split(CHUNK)])
        right = (logits.argmax(1) == labels).double().mean()
        return np.array([F.cross_entropy(logits, labels).item()]), np.array([right.item()])


class Block(nn.Module):
    """A residual block."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(*convolution(channels, filters, True, stride), nn.ReLU())
        self.second = nn.Sequential(*convolution(filters, filters, True))
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != filters:
            conv = nn.Conv2d(channels, filters, 1, stride, bias=False)
            self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(filters))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.second(self.first(x)) + self.shortcut(x))


def convolution(channels: int, filters: int, norm: bool, stride: int = 1) -> list[nn.Module]:
    """Return a convolution, followed by batch norm if `norm`."""
    conv = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=not norm)
    return [conv, nn.BatchNorm2d(filters)] if norm else [conv]


def modules(network: Mapping[str, Any]) -> nn.Sequential:
    """Return a network of the paper as PyTorch's modules."""
    found: list[nn.Module] = []
    channels = network["input"][0]
    for spec in network["layers"]:
        match spec["type"]:
            case "conv":
                found += [*convolution(channels, spec["filters"], spec["batch_norm"]), nn.ReLU()]
                channels = spec["filters"]
            case "residual":
                found.append(Block(channels, spec["filters"], spec["stride"]))
                channels = spec["filters"]
            case "max_pool":
                found.append(nn.MaxPool2d(spec["size"]))
            case "average_pool":
                found.append(nn.AvgPool2d(spec["size"]))
            case "dense":
                found += [nn.Flatten(), nn.LazyLinear(spec["units"]), nn.ReLU()]
    return nn.Sequential(*found, nn.Flatten(), nn.LazyLinear(network["classes"]))
