"""Iterations per second of both engines on Lenet-300-100, against a plain PyTorch loop.

`python benchmarks/engine.py` prints a table in Markdown. One thread throughout, by CPU time; the
variants take turns, so that a change in the machine's load meets all of them. Where SparseLab is
installed (`pip install sparselab`, in an environment of its own) its layers run in the plain loop,
too.
"""

import argparse
import platform
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import nn

from lth_core.data.load import load_splits
from lth_core.data.split import Split
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.pruning.count import keep_after_rounds, pools
from lth_core.pruning.mask import dense, keep_highest
from lth_core.pruning.score import magnitude
from lth_core.training.batches import Batches
from lth_core.training.loop import Engine
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.sparse.kernel import compiler
from lth_core.training.state import Optimiser, State

try:
    import sparselab
except ImportError:
    sparselab = None

LENET = {
    "input": [784],
    "layers": [{"type": "dense", "units": 300}, {"type": "dense", "units": 100}],
    "classes": 10,
}
LAYERS = weight_layers(LENET)
RATES = {"fc": 0.2, "output": 0.1}
ADAM = Optimiser("adam", 1.2e-3)
BATCH = 60
ROUNDS = (0, 3, 7, 9, 12, 15, 20)  # 100, 51, 21, 13.5, 7, 3.6 and 1.2 % of the weights
GOALS = {0: 2.5, 7: 6.0, 15: 25.0}  # times the plain loop
SPARSELAB_ROUNDS = (7, 12, 15, 20)
BLOCK = 100  # iterations between two evaluations, which are not timed here

Splits = dict[str, Split]
Variant = Callable[[int], None]  # does this many iterations


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("results/data/mnist.safetensors"))
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one variant's turn")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    splits = load_splits(arguments.data, {"validation": 5000, "scaling": "unit"}, [784])
    initialisation = {"distribution": "glorot_normal", "truncate": 2.0}
    weights = initial_weights(LAYERS, initialisation, 0, 0)
    tickets = find_tickets(weights, splits)

    def engine(kind: type[SparseEngine] | type[TorchEngine], masks: Masks) -> Variant:
        return engine_loop(kind(LENET, ADAM, splits, [State(weights, {}, 0)], [masks]), splits)

    variants = {("plain PyTorch loop", 0): plain_loop(dense_layers(weights), splits)}
    masked = plain_loop(dense_layers(weights), splits, tickets[7])
    variants[("plain PyTorch loop, masked", 7)] = masked
    for round_ in SPARSELAB_ROUNDS if sparselab else ():
        variants[("SparseLab's layers", round_)] = plain_loop(
            sparse_layers(tickets[round_]), splits
        )
    variants[("torch engine", 0)] = engine(TorchEngine, tickets[0])
    variants |= {("sparse engine", r): engine(SparseEngine, tickets[r]) for r in ROUNDS}

    speeds = measure(variants, arguments.repetitions, arguments.seconds)
    yardstick = median(speeds[("plain PyTorch loop", 0)])
    other = f"SparseLab {sparselab.__version__}" if sparselab else "SparseLab is not installed"
    versions = f"torch {torch.__version__}, {compiler()}, {other}"
    print(f"{date.today()}, {processor()}, {versions}, 1 thread\n")
    print("| variant | % of weights | it/s, median (range) | times plain | goal |")
    print("|---|---|---|---|---|")
    for (name, round_), values in speeds.items():
        goal = GOALS.get(round_) if name == "sparse engine" else None
        print(
            f"| {name} | {percent_remaining(tickets[round_]):.1f} "
            f"| {median(values):,.0f} ({min(values):,.0f}-{max(values):,.0f}) "
            f"| {median(values) / yardstick:.1f} | {goal or ''} |"
        )


def measure(
    variants: dict[tuple[str, int], Variant], repetitions: int, seconds: float
) -> dict[tuple[str, int], list[float]]:
    """Return iterations per second of CPU time by variant, one number a repetition."""
    iterations = {}
    for name, run in variants.items():
        run(BLOCK)
        started = time.process_time()
        run(2 * BLOCK)
        blocks = 2 * seconds / (time.process_time() - started)
        iterations[name] = BLOCK * max(1, round(blocks))
    speeds: dict[tuple[str, int], list[float]] = {name: [] for name in variants}
    for _ in range(repetitions):
        for name, run in variants.items():
            started = time.process_time()
            run(iterations[name])
            speeds[name].append(iterations[name] / (time.process_time() - started))
    return speeds


def dense_layers(weights: Weights) -> list[nn.Module]:
    """Return PyTorch's layers with these weights."""
    linears = [nn.Linear(layer.fan_in, layer.shape[0]) for layer in LAYERS]
    for linear, layer in zip(linears, LAYERS, strict=True):
        linear.weight.data = torch.tensor(weights[layer.weight])
        linear.bias.data = torch.tensor(weights[layer.bias])
    return [*linears]


def sparse_layers(masks: Masks) -> list[nn.Module]:
    """Return SparseLab's layers, as dense as the masks; it draws masks and weights itself."""
    return [
        sparselab.SparseLinear(
            layer.fan_in, layer.shape[0], sparsity=1 - float(masks[layer.weight].mean())
        )
        for layer in LAYERS
    ]


def plain_loop(linears: list[nn.Module], splits: Splits, masks: Masks | None = None) -> Variant:
    """Return the usual loop: resident data, modules, Adam as it comes, masks after each step."""
    model = nn.Sequential(linears[0], nn.ReLU(), linears[1], nn.ReLU(), linears[2])
    optimiser = torch.optim.Adam(model.parameters(), lr=ADAM.learning_rate)
    criterion = nn.CrossEntropyLoss()
    images = torch.tensor(splits["train"].images)
    labels = torch.tensor(splits["train"].labels).long()
    floats = [torch.tensor(masks[layer.weight]).float() for layer in LAYERS] if masks else []
    batches = permuted_batches(len(labels))

    def run(iterations: int) -> None:
        torch.set_deterministic_debug_mode("default")  # as PyTorch comes
        for _ in range(iterations):
            rows = next(batches)
            optimiser.zero_grad()
            criterion(model(images[rows]), labels[rows]).backward()
            optimiser.step()
            if masks:
                with torch.no_grad():
                    for linear, mask in zip(linears, floats, strict=True):
                        linear.weight.mul_(mask)
        torch.set_deterministic_debug_mode("error")  # as the torch engine sets it

    return run


def permuted_batches(examples: int) -> Iterator[torch.Tensor]:
    """Yield batches of row indices for ever."""
    while True:
        yield from torch.randperm(examples).split(BATCH)[: examples // BATCH]


def engine_loop(engine: Engine, splits: Splits) -> Variant:
    """Return what the training loop does between evaluations, the data's order included."""
    order = DataOrder(len(splits["train"]), BATCH, False, "benchmark")
    done = 0

    def run(iterations: int) -> None:
        nonlocal done
        for start in range(done, done + iterations, BLOCK):
            engine.train(Batches(order.batches(start, start + BLOCK)[None]))
        done += iterations

    return run


def find_tickets(weights: Weights, splits: Splits, iterations: int = 1000) -> dict[int, Masks]:
    """Return masks by round, from iterative pruning with a short training in each round."""
    masks = dense(LAYERS)
    tickets = {0: masks}
    for round_ in range(1, max(ROUNDS) + 1):
        start = {name: array * masks.get(name, True) for name, array in weights.items()}
        engine = SparseEngine(LENET, ADAM, splits, [State(start, {}, 0)], [masks])
        order = DataOrder(len(splits["train"]), BATCH, False, "tickets", round_)
        engine.train(Batches(order.batches(0, iterations)[None]))
        [trained] = engine.states()
        scores = {layer.weight: magnitude(trained.weights[layer.weight]) for layer in LAYERS}
        counts = pools(LAYERS, keep_after_rounds(RATES, round_), "layer")
        masks = tickets[round_] = keep_highest(scores, masks, counts)
    return tickets


def percent_remaining(masks: Masks) -> float:
    """Return the percentage of weights that are left (P_m of the paper)."""
    return 100 * float(np.mean(np.concatenate([mask.ravel() for mask in masks.values()])))


def processor() -> str:
    """Return the processor's model name, as far as the system tells."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
