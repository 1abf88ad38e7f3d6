"""One sparse convolution against SparseProp's and PyTorch's dense one: forward, both gradients.

128 to 128 channels, 3x3, images of 16x16. Ours is the difference between a network with two such
layers and one with one, so it also has the rectifier and the update by SGD. Of SparseProp's two
loops and of PyTorch's two orders in memory the faster counts. CPU time of one thread, in turns.
SparseProp (`pip install sparseprop`) wants an environment of its own; set OMP_NUM_THREADS=1.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date
from statistics import median

import numpy as np
import torch
from engine import processor
from sparseprop.modules import SparseConv2d
from torch import nn

from lth_core.config.architecture import Architecture
from lth_core.data.scaling import standardise
from lth_core.data.split import Split
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import weight_layers
from lth_core.training.batches import Batches
from lth_core.training.pytorch.process import prepare_process
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.state import Optimiser, State

# One of SparseProp's loops computes whole eights of examples only, so not the paper's 60.
CHANNELS, SIDE, BATCH = 128, 16, 64
SHAPE = (CHANNELS, SIDE, SIDE)
DENSITIES = (0.25, 0.12, 0.03)
GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}

Pass = Callable[[], None]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=15, help="turns of each variant")
    arguments = parser.parse_args()

    prepare_process()
    print(f"{date.today()}, {processor()}, torch {torch.__version__}, 1 thread\n")
    print("| density | PyTorch, dense, ms | SparseProp, ms | ours, ms | SparseProp / ours |")
    print("|---|---|---|---|---|")
    for density in DENSITIES:
        conv = convolution(density)
        ms = measure(
            {
                "first": of_module(conv, torch.contiguous_format),
                "last": of_module(conv, torch.channels_last),
                "images": of_module(sparse(conv, True), torch.contiguous_format),
                "examples": of_module(sparse(conv, False), torch.contiguous_format),
                "one": ours(1, density),
                "two": ours(2, density),
            },
            arguments.repetitions,
        )
        dense, theirs = min(ms["first"], ms["last"]), min(ms["images"], ms["examples"])
        mine = ms["two"] - ms["one"]
        print(f"| {density} | {dense:.0f} | {theirs:.0f} | {mine:.1f} | {theirs / mine:.1f} |")


def measure(passes: dict[str, Pass], repetitions: int) -> dict[str, float]:
    """Return the median milliseconds of each pass."""
    for run in passes.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in passes}
    for _ in range(repetitions):
        for name, run in passes.items():
            started = time.process_time()
            run()
            times[name].append(1000 * (time.process_time() - started))
    return {name: median(values) for name, values in times.items()}


def convolution(density: float) -> nn.Conv2d:
    """Return the layer with all but `density` of its weights zero."""
    conv = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)
    conv.weight.data *= torch.rand(conv.weight.shape) < density
    return conv


def sparse(conv: nn.Conv2d, along_rows: bool) -> nn.Module:
    """Return SparseProp's layer, vectorised along the rows of an image or over examples."""
    return SparseConv2d.from_dense(conv, vectorizing_over_on=along_rows)


def of_module(layer: nn.Module, order: torch.memory_format) -> Pass:
    """Return a pass forward and back, the input's gradient included."""
    x = torch.randn(BATCH, *SHAPE).contiguous(memory_format=order).requires_grad_()
    gradient = torch.randn(BATCH, *SHAPE).contiguous(memory_format=order)

    def run() -> None:
        layer.zero_grad()
        x.grad = None
        layer(x).backward(gradient)

    return run


def ours(layers: int, density: float) -> Pass:
    """Return an iteration of a network of so many such layers, then a pool and an output layer."""
    specs = [{"type": "conv", "filters": CHANNELS}] * layers + [
        {"type": "average_pool", "size": SIDE}
    ]
    network = Architecture.model_validate(
        {"input": list(SHAPE), "layers": specs, "classes": 10}
    ).model_dump()
    rng = np.random.default_rng(0)
    masks = {
        layer.weight: rng.random(layer.shape) < density
        if layer.kind == "conv"
        else np.ones(layer.shape, bool)
        for layer in weight_layers(network)
    }
    weights = {
        name: value * masks.get(name, True)
        for name, value in draw_weights(weight_layers(network), GLOROT, rng).items()
    }
    scale = standardise(
        SHAPE, np.full(CHANNELS, 127, np.float32), np.full(CHANNELS, 74, np.float32)
    )
    pixels = rng.integers(0, 256, (BATCH, *SHAPE), np.uint8)
    split = Split(pixels, (np.arange(BATCH) % 10).astype(np.uint8), *scale)
    state, sgd = State(weights, {}, 0), Optimiser("sgd", 1e-3)
    engine = SparseEngine(network, sgd, {"train": split}, [state], [masks])
    batch = Batches(np.arange(BATCH, dtype=np.int32)[None, None])
    return lambda: engine.train(batch)


if __name__ == "__main__":
    main()
