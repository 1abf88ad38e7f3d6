"""Training speed of the convolutional networks, dense and pruned, and what whole chains cost.

One thread throughout, by CPU time; the variants of a network take turns, so that a change in the
machine's load meets all of them. A variant of which one iteration takes five turns (bfloat16 on a
processor that has none) is measured once. Prints tables in Markdown.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import NamedTuple, Protocol

import numpy as np
import torch
from engine import processor
from plain import PlainLoop
from safetensors.numpy import load_file, save_file

from lth_core.config.experiment import Experiment
from lth_core.config.load import load
from lth_core.data.load import load_splits
from lth_core.data.split import Split
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import Masks, weight_layers
from lth_core.pruning.count import keep_after_rounds
from lth_core.pruning.mask import dense, keep_largest
from lth_core.training.batches import Batches, Draws, of_lanes
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.sparse.kernel import compiler
from lth_core.training.start import optimiser_of
from lth_core.training.state import State

PLAIN, FLOAT32, BFLOAT16 = "plain PyTorch loop", "PyTorch engine", "PyTorch engine, bfloat16"
SPARSE = "sparse engine"


class Case(NamedTuple):
    """An experiment, and by round how many times as fast as PyTorch the sparse engine should be."""

    experiment: str
    goals: dict[int, float]


CASES = {
    "conv2": Case("conv2_imp", {15: 3.0, 22: 5.0}),
    "conv4": Case("conv4_imp", {15: 2.8, 22: 4.5}),
    "conv6": Case("conv6_imp", {15: 4.5, 22: 8.0}),
    "resnet18": Case("resnet18_lr0.1", {10: 2.5}),
    "vgg19": Case("vgg19_lr0.1_lw", {15: 6.0}),
}
ROUNDS = (0, 5, 10, 15, 22)  # measured, where the experiment has them
PRACTICE = 5  # iterations before each pruning of the benchmark's tickets
EVALUATED = 320  # examples a turn
EVALUATION = 15_000  # examples: validation and test set
TRAINING_SET = 45_000  # examples, evaluated at the end of a run at two of its iterations
SLOW = 5  # turns

Variant = tuple[str, int]  # its name, and the round of its masks


class Network(Protocol):
    """What trains and evaluates one lane."""

    def train(self, batches: Batches) -> None: ...

    def evaluate(self, split: str) -> tuple[np.ndarray, np.ndarray]: ...


@dataclass
class Times:
    """Seconds of CPU time, one entry a turn."""

    iteration: list[float] = field(default_factory=list)
    example: list[float] = field(default_factory=list)  # evaluated


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("results/data/cifar10.safetensors"))
    parser.add_argument("--networks", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--repetitions", type=int, default=5, help="turns of each variant")
    parser.add_argument("--seconds", type=float, default=3.0, help="of training in a turn")
    parser.add_argument(
        "--masks", type=Path, default=Path("results/benchmarks"), help="folder that keeps tickets"
    )
    arguments = parser.parse_args()

    experiments = load(Path("config")).paper_experiments
    splits = load_splits(
        arguments.data, {"validation": 5000, "scaling": "standardise"}, [3, 32, 32]
    )
    splits = {"train": splits["train"], "validation": splits["validation"][:EVALUATED]}
    print(f"{date.today()}, {processor()}, torch {torch.__version__}, {compiler()}, 1 thread\n")
    print("| network | variant | % of weights | it/s, median (range) | times PyTorch engine | goal "
          "| s to evaluate 15,000 |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    chains = []
    for name in arguments.networks:
        experiment = experiments[CASES[name].experiment]
        masks = tickets(experiment, splits, arguments.masks / f"{name}.safetensors")
        draws = draws_of(experiment, len(splits["train"]), "benchmark")
        networks = variants(experiment, splits, masks)
        times = measure(networks, draws, arguments.repetitions, arguments.seconds)
        print_speeds(name, times, masks)
        chains.append(chain_row(name, experiment, times))
    print("\n| chain, hours | plain | float32 | bfloat16 | sparse | float32 / sparse "
          "| bfloat16 / sparse |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    print("\n".join(chains))


def tickets(experiment: Experiment, splits: Mapping[str, Split], file: Path) -> dict[int, Masks]:
    """Return masks by round, from `file` or else found by iterative pruning and kept there."""
    rounds = [round_ for round_ in ROUNDS if round_ in experiment.round_range]
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(pruned(experiment, splits, rounds), file)
    read = load_file(file)
    names = [layer.weight for layer in weight_layers(experiment.architecture.model_dump())]
    return {r: {name: read[f"{r}.{name}"] for name in names} for r in rounds}


def pruned(
    experiment: Experiment, splits: Mapping[str, Split], rounds: Sequence[int]
) -> dict[str, np.ndarray]:
    """Return masks as `<round>.<weight>`: theta_0 is trained a little and pruned each round."""
    network, pruning = experiment.architecture.model_dump(), experiment.pruning
    optimiser, layers = optimiser_of(experiment.training.model_dump()), weight_layers(network)
    theta_0 = initial_weights(layers, experiment.initialisation.model_dump(), 0, 0)
    masks, found = dense(layers), dict[str, np.ndarray]()
    for round_ in range(max(rounds) + 1):
        if round_ in rounds:
            found |= {f"{round_}.{name}": mask for name, mask in masks.items()}
        start = {name: value * masks.get(name, True) for name, value in theta_0.items()}
        engine = SparseEngine(network, optimiser, splits, [State(start, {}, 0)], [masks])
        draws = draws_of(experiment, len(splits["train"]), "tickets", round_)
        engine.train(of_lanes([draws], 0, PRACTICE))
        keep = keep_after_rounds(pruning.rates, round_ + 1)
        masks = keep_largest(layers, engine.weights()[0], masks, keep, pruning.scope)
    return found


def draws_of(experiment: Experiment, examples: int, *key: str | int) -> Draws:
    """Return the batches of a run on `examples` examples, drawn from the streams of `key`."""
    training = experiment.training
    order = DataOrder(examples, training.batch_size, training.drop_last, *key, "order")
    return Draws(order, training.augmentation != "none", False, *key)


def variants(
    experiment: Experiment, splits: Mapping[str, Split], masks: Mapping[int, Masks]
) -> dict[Variant, Network]:
    """Return what is compared, each at its start."""
    network = experiment.architecture.model_dump()
    optimiser, layers = optimiser_of(experiment.training.model_dump()), weight_layers(network)
    theta_0 = initial_weights(layers, experiment.initialisation.model_dump(), 0, 0)
    whole = (network, optimiser, splits, [State(theta_0, {}, 0)], [masks[0]])
    found: dict[Variant, Network] = {
        (FLOAT32, 0): TorchEngine(*whole),
        (BFLOAT16, 0): TorchEngine(*whole, precision="bfloat16"),
        (PLAIN, 0): PlainLoop(network, optimiser, splits),
    }
    for round_, of_round in masks.items():
        start = {name: value * of_round.get(name, True) for name, value in theta_0.items()}
        state = State(start, {}, 0)
        found[SPARSE, round_] = SparseEngine(network, optimiser, splits, [state], [of_round])
    return found


def measure(
    networks: Mapping[Variant, Network], draws: Draws, repetitions: int, seconds: float
) -> dict[Variant, Times]:
    """Train and evaluate in turns, after a warm-up."""
    done = dict.fromkeys(networks, 0)

    def train(variant: Variant, iterations: int) -> float:
        """Return the seconds of an iteration."""
        started = time.process_time()
        networks[variant].train(of_lanes([draws], done[variant], done[variant] + iterations))
        done[variant] += iterations
        return (time.process_time() - started) / iterations

    times = {variant: Times() for variant in networks}
    spent = {variant: train(variant, 1) for variant in networks}
    for turn in range(repetitions):
        for variant, network in networks.items():
            if turn and spent[variant] > SLOW * seconds:
                continue
            iterations = max(1, round(seconds / spent[variant]))
            times[variant].iteration.append(train(variant, iterations))
            started = time.process_time()
            network.evaluate("validation")
            times[variant].example.append((time.process_time() - started) / EVALUATED)
    return times


def print_speeds(name: str, times: Mapping[Variant, Times], masks: Mapping[int, Masks]) -> None:
    """Print the rows of one network."""
    yardstick = median(times[FLOAT32, 0].iteration)
    for (variant, round_), found in times.items():
        speeds = [1 / seconds for seconds in found.iteration]
        left = np.concatenate([mask.ravel() for mask in masks[round_].values()]).mean()
        goal = CASES[name].goals.get(round_, "") if variant == SPARSE else ""
        label = f"{variant}, round {round_}" if variant == SPARSE else variant
        print(
            f"| {name} | {label} | {100 * left:.1f} "
            f"| {median(speeds):.2f} ({min(speeds):.2f}-{max(speeds):.2f}) "
            f"| {yardstick / median(found.iteration):.2f} | {goal} "
            f"| {EVALUATION * median(found.example):.1f} |",
            flush=True,
        )


def chain_row(name: str, experiment: Experiment, times: Mapping[Variant, Times]) -> str:
    """Return the row of a whole chain: rounds between measured ones are interpolated."""
    training, rounds = experiment.training, experiment.round_range
    evaluations = training.iterations // training.evaluate_every + 1
    evaluated = evaluations * EVALUATION + 2 * TRAINING_SET

    def hours(variant: str) -> float:
        of_round = {
            round_: training.iterations * median(found.iteration)
            + evaluated * median(found.example)
            for (each, round_), found in times.items()
            if each == variant
        }
        return float(np.interp(rounds, list(of_round), list(of_round.values())).sum() / 3600)

    plain, float32, bfloat16, sparse = map(hours, (PLAIN, FLOAT32, BFLOAT16, SPARSE))
    return (
        f"| {name}, {len(rounds)} rounds x {training.iterations:,} | {plain:,.1f} | {float32:,.1f} "
        f"| {bfloat16:,.1f} | {sparse:,.1f} | {float32 / sparse:.2f} | {bfloat16 / sparse:.2f} |"
    )


if __name__ == "__main__":
    main()
