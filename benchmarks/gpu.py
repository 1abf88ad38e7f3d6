"""The GPU in one command: does it agree with the CPU, how fast is it, and the runs worth it.

Compares first iterations with the CPU's, runs the PyTorch engine's tests, times networks, and with
`--train` has Snakemake train convolutional networks until a time is up. Ends with status 1 where
something does not agree.
"""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple

import torch
import typer
from conv import draws_of

from lth_core.config.experiment import Experiment
from lth_core.config.load import load
from lth_core.data.load import load_splits
from lth_core.data.split import Split
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import weight_layers
from lth_core.pruning.mask import dense
from lth_core.training.batches import Draws, of_lanes
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.pytorch.measures import Precision
from lth_core.training.start import optimiser_of
from lth_core.training.state import State

# By how much the validation loss may differ after so many iterations, as a share of it: at least
# five times what two engines on the CPU, or other weights by 1e-7, make of it.
AGREE = {
    "lenet_imp": {10: 1e-4, 100: 1e-4},
    "conv2_imp": {10: 1e-3, 100: 3e-2},
    "resnet18_lr0.03_w20k": {10: 1e-3, 100: 1e-2},
}
# What is timed: an experiment and its lanes.
TIMED = [("lenet_imp", 1), ("lenet_imp", 5), ("lenet_imp", 20)]
TIMED += [("conv6_imp", 1), ("resnet18_lr0.1", 1), ("vgg19_lr0.1", 1)]
PRECISIONS: list[Precision] = ["float32", "tf32", "bfloat16"]
WARM_UP = 20  # iterations
# Conv-2, 4 and 6 with their reinitialised tickets first, then Resnet-18 and VGG-19.
TRAINED = ["fig05", "fig08", "fig07"]


class Case(NamedTuple):
    """An experiment, and the data that it trains on."""

    name: str
    experiment: Experiment
    splits: dict[str, Split]

    def engine(self, lanes: int, precision: Precision, device: str = "cuda") -> TorchEngine:
        """Return an engine with the dense networks of the first trials."""
        network = self.experiment.architecture.model_dump()
        layers, drawn = weight_layers(network), self.experiment.initialisation.model_dump()
        states = [State(initial_weights(layers, drawn, 0, t), {}, 0) for t in range(lanes)]
        optimiser = optimiser_of(self.experiment.training.model_dump())
        start = (states, [dense(layers)] * lanes, precision)
        return TorchEngine(network, optimiser, self.splits, *start, device=device)

    def draws(self, lanes: int) -> list[Draws]:
        """Return the batches of each lane."""
        examples = len(self.splits["train"])
        return [draws_of(self.experiment, examples, "gpu", lane) for lane in range(lanes)]


class Row(NamedTuple):
    """One row of the table; iterations and networks are those of all lanes together."""

    network: str
    lanes: int
    precision: str
    iterations_a_second: float
    evaluation_seconds: float
    networks_an_hour: float


def main(
    seconds: Annotated[float, typer.Option(help="Of training, for each row.")] = 5.0,
    data: Annotated[Path, typer.Option(help="Folder of the prepared data.")] = Path("results/data"),
    table: Annotated[Path, typer.Option(help="CSV to write.")] = Path("results/benchmarks/gpu.csv"),
    train: Annotated[float, typer.Option(help="Minutes to train for, after all else.")] = 0.0,
) -> None:
    """Compare, test, measure, and train if asked to."""
    if not torch.cuda.is_available():
        sys.exit(f"error: PyTorch {torch.__version__} finds no GPU here, so there is nothing to do")
    print(f"{date.today()}, {torch.cuda.get_device_name()}, torch {torch.__version__}\n")
    cases = {name: case(name, data) for name in {**AGREE, **dict(TIMED)}}
    agree = [agrees(cases[name], tolerances) for name, tolerances in AGREE.items()]
    tests = [sys.executable, "-m", "pytest", "-q", "tests/training/pytorch"]
    passed = subprocess.run(tests, check=False).returncode == 0
    write([timed(cases[n], lanes, p, seconds) for n, lanes in TIMED for p in PRECISIONS], table)
    if not (all(agree) and passed):
        sys.exit("error: the GPU does not agree with the CPU, or a test failed: see above")
    if train:
        train_for(60 * train)


def case(name: str, folder: Path) -> Case:
    """Return the case of an experiment; ends the program where its data are missing."""
    project = load(Path("config"))
    experiment = project.paper_experiments[name]
    path = folder / f"{experiment.dataset}.safetensors"
    if not path.exists():
        sys.exit(f"error: no {path}: run `snakemake --cores 1 results/data/{path.name}` first")
    settings = project.datasets[experiment.dataset].model_dump()
    return Case(name, experiment, load_splits(path, settings, experiment.architecture.input))


def agrees(case: Case, tolerances: dict[int, float]) -> bool:
    """Train on the GPU and on the CPU, print how their validation losses differ, and judge."""
    engines = [case.engine(1, "float32", device) for device in ("cuda", "cpu")]
    draws, done, good = case.draws(1), 0, True
    for iterations, tolerance in tolerances.items():
        for engine in engines:
            engine.train(of_lanes(draws, done, iterations))
        gpu, cpu = (float(engine.evaluate("validation")[0][0]) for engine in engines)
        done, difference = iterations, abs(gpu / cpu - 1)
        fits = difference <= tolerance  # not of nan
        good = good and fits
        print(
            f"{case.name}, {iterations} iterations: validation loss {gpu:.6f}, on the CPU"
            f" {cpu:.6f}; they differ by {difference:.1e},"
            f" {'within' if fits else 'BEYOND'} {tolerance:.0e}",
            flush=True,
        )
    return good


def timed(case: Case, lanes: int, precision: Precision, seconds: float) -> Row:
    """Return how fast a network trains and is evaluated, drawing its batches included."""
    training = case.experiment.training
    engine, draws = case.engine(lanes, precision), case.draws(lanes)
    stretch, done = min(engine.stretch, training.evaluate_every), WARM_UP
    engine.train(of_lanes(draws, 0, WARM_UP))
    evaluate(engine)
    begun = time.perf_counter()
    while time.perf_counter() < begun + seconds:
        engine.train(of_lanes(draws, done, done + stretch))
        torch.cuda.synchronize()
        done += stretch
    iteration = (time.perf_counter() - begun) / (done - WARM_UP)
    evaluation = evaluate(engine)
    run = training.iterations * iteration
    run += (training.iterations // training.evaluate_every + 1) * evaluation
    used = engine.description["precision"]
    return Row(case.name, lanes, used, lanes / iteration, evaluation, 3600 * lanes / run)


def evaluate(engine: TorchEngine) -> float:
    """Return the seconds of an evaluation on validation and test set."""
    begun = time.perf_counter()
    for split in "validation", "test":
        engine.evaluate(split)  # Its result comes to the host: it has ended.
    return time.perf_counter() - begun


def write(found: Sequence[Row], path: Path) -> None:
    """Print the table in Markdown, and write it as CSV."""
    rows = [[*map(str, row[:3]), *(f"{number:.4g}" for number in row[3:])] for row in found]
    print("\n| " + " | ".join(Row._fields) + " |\n|" + "---|" * len(Row._fields))
    print("\n".join("| " + " | ".join(row) + " |" for row in rows), flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        card = torch.cuda.get_device_name()
        csv.writer(file).writerows([["card", *Row._fields], *([card, *row] for row in rows)])


def train_for(seconds: float) -> None:
    """Have Snakemake train until the time is up; its jobs then save themselves."""
    command = [sys.executable, "-m", "snakemake", "--cores", str(os.cpu_count()), "--keep-going"]
    command += ["--resources", f"gpu={torch.cuda.device_count()}"]
    command += ["--config", "scale=paper", "engine=torch", "--"]
    end = time.monotonic() + seconds
    for figure in TRAINED:
        process = subprocess.Popen([*command, figure], start_new_session=True)
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            return


if __name__ == "__main__":
    typer.run(main)
