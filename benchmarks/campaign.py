"""What a campaign has cost, from the files of its jobs, beside a plain PyTorch loop.

`python benchmarks/campaign.py` prints two tables in Markdown: a line per experiment, and the
speed of whole jobs by remaining weights. It reads Snakemake's benchmarks (logs/), manifests,
metrics and the sizes of files (results/), and measures the plain loop here, for 20 seconds.

Snakemake samples a job's processes every half second, after 15 seconds only every 30: what a
job does after its last sample is in no record. `Usage` says how that is made good.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import torch
from engine import BATCH, BLOCK, LAYERS, LENET, dense_layers, plain_loop, processor

from lth_core.data.load import load_splits
from lth_core.networks.initial import initial_weights
from lth_core.provenance import context, manifest
from lth_core.pruning.mask import dense

SIZES = (100, 80, 51.3, 26.3, 13.5, 7.0, 3.6, 1.9, 1.0, 0.5, 0.2)  # % of weights
SAMPLED_EVERY = 0.5  # seconds, see snakemake/benchmark.py
SAMPLED_SHORTLY = 15.3  # seconds, from then on every 30; measured 15.2 to 15.3
SAMPLED_THEN_EVERY = 30.0
SEEN = 0.5  # share of its seconds that must have been sampled to tell a job's speed
COLUMNS = (
    *("experiment", "jobs", "runs", "iterations, millions", "job-hours", "core-hours (bounds)"),
    *("MB on disk", "peak MiB", "plain loop, core-hours", "times ours"),
)
TURNS, SECONDS = 5, 2.0  # of the plain loop, dense and masked: 20 seconds of CPU time


@dataclass(frozen=True)
class Usage:
    """What Snakemake recorded of a job; seconds by the clock, recorded in CPU seconds.

    recorded: up to the last sample, so never too much; 0 if there was none.
    """

    seconds: float
    recorded: float
    memory: float  # MiB at most, of all processes

    @property
    def sampled(self) -> float:
        """Seconds from the start of the job to its last sample."""
        if not self.recorded:
            return 0.0
        late = self.seconds - SAMPLED_SHORTLY
        if late < 0:
            return self.seconds // SAMPLED_EVERY * SAMPLED_EVERY
        return SAMPLED_SHORTLY + late // SAMPLED_THEN_EVERY * SAMPLED_THEN_EVERY

    @property
    def most(self) -> float:
        """CPU seconds if the job's one thread never waited after its last sample."""
        return self.recorded + self.seconds - self.sampled

    @property
    def estimate(self) -> float:
        """CPU seconds if the job had the same share of the core after its last sample."""
        if not self.sampled:
            return self.most
        return min(self.recorded * self.seconds / self.sampled, self.most)


@dataclass(frozen=True)
class Job:
    """One finished training job. iterations: of all its runs. percent: of weights left."""

    experiment: str
    runs: int
    iterations: int
    percent: float
    usage: Usage
    bytes: int
    processor: str
    plain: bool  # whether the plain loop trains the same network in the same way


def main() -> None:
    """Read, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("."), help="the campaign's checkout")
    parser.add_argument("--scale", default="paper")
    parser.add_argument("--speeds", nargs="+", default=["lenet_imp"], help="experiments, table 2")
    arguments = parser.parse_args()

    jobs, untimed = finished_jobs(arguments.folder, arguments.scale)
    if not jobs:
        sys.exit(f"{arguments.folder}: no finished training job at scale {arguments.scale}")
    dense_speed, masked_speed = plain_speeds(arguments.folder / "results/data/mnist.safetensors")
    print(f"{date.today()}, jobs on {', '.join(sorted({job.processor for job in jobs}))}; the")
    print(f"plain loop, measured today on {processor()}, torch {torch.__version__}, 1 thread:")
    print(f"{dense_speed:,.0f} it/s of CPU time dense, {masked_speed:,.0f} masked.\n")
    print_costs(jobs, dense_speed, masked_speed)
    if untimed:
        print(f"\nNot counted, as Snakemake left no benchmark of them: {untimed} finished jobs.")
    print()
    print_speeds(jobs, arguments.speeds)


def finished_jobs(folder: Path, scale: str) -> tuple[list[Job], int]:
    """Return the jobs that left a manifest and a benchmark, and how many left no benchmark."""
    jobs, untimed = [], 0
    runs = folder / "results" / scale / "runs"
    for path in sorted(runs.glob(f"*/round_*/*/{manifest.NAME}")):
        content = manifest.read(path)
        if content["kind"] != "train":
            continue
        place = path.parent.relative_to(runs)
        benchmark = folder / "logs" / scale / "runs" / f"{place}.jsonl"
        if benchmark.is_file():
            jobs.append(read_job(path.parent, content, benchmark))
        else:
            untimed += 1
    return jobs, untimed


def read_job(folder: Path, content: dict[str, Any], benchmark: Path) -> Job:
    """Return the job whose files lie in `folder`, with the last line of its benchmark."""
    settings = content["settings"]
    environment = (context.read(folder / manifest.NAME) or {"environment": {}})["environment"]
    training, runs = settings["training"], len(settings["lanes"])
    record = json.loads(benchmark.read_text().splitlines()[-1])
    recorded, memory = (
        0.0 if record[key] == "NA" else float(record[key]) for key in ("cpu_time", "max_rss")
    )
    columns = ["weights", "weights_remaining"]
    weights = parquet.read_table(folder / "metrics.parquet", columns=columns).slice(0, 1)
    [[total], [remaining]] = (weights[name].to_pylist() for name in columns)
    same = settings["network"] == LENET and environment.get("device") == "cpu"
    same = same and (training["optimizer"], training["batch_size"]) == ("adam", BATCH)
    return Job(
        experiment=folder.parents[1].name,
        runs=runs,
        iterations=runs * training["iterations"],
        percent=100 * remaining / total,
        usage=Usage(record["s"], recorded, memory),
        bytes=sum(file.stat().st_size for file in folder.iterdir()),
        processor=environment.get("processor", "unknown"),
        plain=same,
    )


def plain_speeds(data: Path) -> tuple[float, float]:
    """Return iterations per second of CPU time of the plain loop: dense, and with masks.

    Of CPU time, since the campaign may be under way on the same cores. Which weights are
    masked makes no difference to the loop.
    """
    torch.set_num_threads(1)
    splits = load_splits(data, {"validation": 5000, "scaling": "unit"}, [784])
    weights = initial_weights(LAYERS, {"distribution": "glorot_normal", "truncate": 2.0}, 0, 0)
    full = dense(LAYERS)
    random = np.random.default_rng(0)
    some = {name: random.random(mask.shape) < 0.2 for name, mask in full.items()}
    loops = [plain_loop(dense_layers(weights), splits, masks) for masks in (None, some)]
    speeds: list[list[float]] = [[], []]
    for turn in range(TURNS + 1):
        for loop, measured in zip(loops, speeds, strict=True):
            started, done, taken = time.process_time(), 0, 0.0
            while taken < (SECONDS if turn else 0.2):  # the first turn is a warm-up
                loop(BLOCK)
                done, taken = done + BLOCK, time.process_time() - started
            if turn:
                measured.append(done / taken)
    return median(speeds[0]), median(speeds[1])


def print_costs(jobs: Iterable[Job], dense_speed: float, masked_speed: float) -> None:
    """Print a line per experiment, and their sum."""
    experiments: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        experiments[job.experiment].append(job)
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|{'---|' * len(COLUMNS)}")
    for name, some in experiments.items():
        print(cost_line(name, some, dense_speed, masked_speed))
    if len(experiments) > 1:
        everything = [job for some in experiments.values() for job in some]
        print(cost_line("**all**", everything, dense_speed, masked_speed))


def cost_line(name: str, jobs: list[Job], dense_speed: float, masked_speed: float) -> str:
    """Return one line of the first table."""
    hours = sum(job.usage.estimate for job in jobs) / 3600
    plain = times = ""
    if all(job.plain for job in jobs):
        speeds = (dense_speed if job.percent == 100 else masked_speed for job in jobs)
        taken = sum(job.iterations / speed for job, speed in zip(jobs, speeds, strict=True)) / 3600
        plain, times = f"{taken:.1f}", f"{taken / hours:.1f}"
    return (
        f"| {name} | {len(jobs)} | {sum(job.runs for job in jobs):,} "
        f"| {sum(job.iterations for job in jobs) / 1e6:.2f} "
        f"| {sum(job.usage.seconds for job in jobs) / 3600:.2f} | {hours:.2f} "
        f"({sum(job.usage.recorded for job in jobs) / 3600:.2f}-"
        f"{sum(job.usage.most for job in jobs) / 3600:.2f}) "
        f"| {sum(job.bytes for job in jobs) / 1e6:,.0f} "
        f"| {max(job.usage.memory for job in jobs):,.0f} | {plain} | {times} |"
    )


def print_speeds(jobs: list[Job], experiments: list[str]) -> None:
    """Print iterations per second of CPU time by remaining weights, a column an experiment."""
    print(f"| % of weights | {' | '.join(experiments)} |")
    print(f"|---|{'---|' * len(experiments)}")
    for size in SIZES:
        columns = [
            [job for job in jobs if job.experiment == name and round(job.percent, 1) == size]
            for name in experiments
        ]
        if any(columns):
            print(f"| {size:.1f} | {' | '.join(map(speed, columns))} |")


def speed(jobs: list[Job]) -> str:
    """Return the median (range) of iterations per second of CPU time, and of how many jobs."""
    told = [job for job in jobs if job.usage.sampled > SEEN * job.usage.seconds]
    if not told:
        return f"0 of {len(jobs)} jobs" if jobs else ""
    speeds = [job.iterations / job.usage.estimate for job in told]
    of = "" if len(told) == len(jobs) else f", {len(told)} of {len(jobs)} jobs"
    return f"{median(speeds):,.0f} ({min(speeds):,.0f}-{max(speeds):,.0f}{of})"


if __name__ == "__main__":
    main()
