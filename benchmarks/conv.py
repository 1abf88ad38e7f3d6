"""Training speed of the convolutional networks, against a plain PyTorch loop.

`python benchmarks/conv.py` prints a table in Markdown. One thread throughout; the variants of a
network take turns, so that a change in the machine's load meets all of them.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lth_core.config.architecture import Architecture
from lth_core.config.files import read_mapping
from lth_core.data.load import load_splits
from lth_core.data.split import Split
from lth_core.networks.cost import FLOPS_TRAINING, multiply_adds
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import weight_layers
from lth_core.training.batches import Draws, of_lanes
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.augment import crop_and_flip
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.pytorch.measures import Precision
from lth_core.training.state import Optimiser, State

ARCHITECTURES = Path(__file__).parent.parent / "config/architectures"
ADAM = Optimiser("adam", 2e-4)
MOMENTUM = Optimiser("momentum", 0.1, weight_decay=1e-4)
# Optimiser and batch size; flips and crops come with momentum (Section 4).
SETTINGS = {
    "conv2": (ADAM, 60),
    "conv4": (ADAM, 60),
    "conv6": (ADAM, 60),
    "resnet18": (MOMENTUM, 128),
    "vgg19": (MOMENTUM, 64),
}

Network = dict[str, Any]
Variant = Callable[[int], None]  # does this many iterations


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("results/data/cifar10.safetensors"))
    parser.add_argument("--networks", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one variant's turn")
    arguments = parser.parse_args()

    splits = load_splits(
        arguments.data, {"validation": 5000, "scaling": "standardise"}, [3, 32, 32]
    )
    print(f"{date.today()}, torch {torch.__version__}, 1 thread\n")
    print("| network | variant | it/s, median (range) | GFLOP/s | times plain |")
    print("|---|---|---|---|---|")
    for name in arguments.networks:
        network = Architecture.model_validate(
            read_mapping(ARCHITECTURES / f"{name}.yaml")
        ).model_dump()
        variants = {
            "torch engine": engine_loop(name, network, splits, "float32"),
            "torch engine, bfloat16": engine_loop(name, network, splits, "bfloat16"),
        }
        variants = {"plain PyTorch loop": plain_loop(name, network, splits["train"])} | variants
        speeds = measure(variants, arguments.repetitions, arguments.seconds)
        yardstick = median(speeds["plain PyTorch loop"])
        gflop = FLOPS_TRAINING * multiply_adds(network) * SETTINGS[name][1] / 1e9
        for variant, values in speeds.items():
            print(
                f"| {name} | {variant} "
                f"| {median(values):.2f} ({min(values):.2f}-{max(values):.2f}) "
                f"| {median(values) * gflop:,.0f} | {median(values) / yardstick:.1f} |",
                flush=True,
            )


def measure(
    variants: dict[str, Variant], repetitions: int, seconds: float
) -> dict[str, list[float]]:
    """Return iterations per second by variant, one number a repetition."""
    iterations = {}
    for name, run in variants.items():
        run(2)
        started = time.perf_counter()
        run(1)
        iterations[name] = max(1, round(seconds / (time.perf_counter() - started)))
    speeds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(repetitions):
        for name, run in variants.items():
            started = time.perf_counter()
            run(iterations[name])
            speeds[name].append(iterations[name] / (time.perf_counter() - started))
    return speeds


def engine_loop(
    name: str, network: Network, splits: dict[str, Split], precision: Precision
) -> Variant:
    """Return what the training loop does between evaluations, all draws included."""
    optimiser, batch = SETTINGS[name]
    layers = weight_layers(network)
    initialisation = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
    weights = initial_weights(layers, initialisation, 0, 0)
    masks = {layer.weight: np.ones(layer.shape, bool) for layer in layers}
    train = {"train": splits["train"]}
    engine = TorchEngine(
        network, optimiser, train, [State(weights, {}, 0)], [masks], precision=precision
    )
    draws = draws_of(name, len(splits["train"]))
    done = 0

    def run(iterations: int) -> None:
        nonlocal done
        engine.train(of_lanes([draws], done, done + iterations))
        done += iterations

    return run


def plain_loop(name: str, network: Network, split: Split) -> Variant:
    """Return the usual loop: resident data, modules, the optimiser as it comes."""
    settings, batch = SETTINGS[name]
    model = modules(network)
    optimiser: torch.optim.Optimizer = torch.optim.Adam(model.parameters(), settings.learning_rate)
    if settings.name == "momentum":
        optimiser = torch.optim.SGD(
            model.parameters(), settings.learning_rate, 0.9, weight_decay=settings.weight_decay
        )
    images, labels = torch.tensor(split.images), torch.tensor(split.labels).long()
    draws = draws_of(name, len(split))
    done = 0

    def run(iterations: int) -> None:
        nonlocal done
        torch.set_deterministic_debug_mode("default")  # as PyTorch comes
        batches = draws.between(done, done + iterations)
        done += iterations
        for i, rows in enumerate(torch.tensor(batches.rows)):
            x = images[rows]
            if batches.crops is not None:
                x = crop_and_flip(x, torch.tensor(batches.crops[i])).contiguous()
            optimiser.zero_grad()
            F.cross_entropy(model(x), labels[rows]).backward()
            optimiser.step()
        torch.set_deterministic_debug_mode("error")  # as the torch engine sets it

    return run


def draws_of(name: str, examples: int) -> Draws:
    """Return the batches of the network called `name`."""
    optimiser, batch = SETTINGS[name]
    order = DataOrder(examples, batch, False, "benchmark")
    return Draws(order, optimiser.name == "momentum", False, "benchmark")


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


def modules(network: Network) -> nn.Sequential:
    """Return the network as PyTorch's modules."""
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


if __name__ == "__main__":
    main()
