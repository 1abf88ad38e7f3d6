"""A training job: one round of one experiment, for a block of trials and replicates.

`python -m lth_core.training.job --job JSON --data FILE --manifest FILE` writes, beside the
manifest and before it, weights.safetensors, masks.safetensors and metrics.parquet.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth_core.data.load import load_splits
from lth_core.files import sha256_file
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.provenance import manifest
from lth_core.training.checkpoint import ResumeFile, save_lanes
from lth_core.training.engines import make_engine
from lth_core.training.inputs import BrokenInput, check_data, check_parents
from lth_core.training.loop import Progress, train
from lth_core.training.record import Record, TrainAccuracy, metrics_table, write_table
from lth_core.training.start import draws_of, optimiser_of, starting_point
from lth_core.training.state import State
from lth_core.training.stopping import Stopped, stop_signals

OUTPUTS = ("weights.safetensors", "masks.safetensors", "metrics.parquet")


def run(job: Mapping[str, Any], code: str, data: Path, out: Path) -> None:
    """Train all lanes of `job` and leave its four files in `out`.

    job: the specification that `Plan.specification` makes. code: fingerprint of the code,
    for the manifest. data: the prepared data set. While the job runs its state is kept in
    `out`; a job that was killed goes on from there, bit for bit.

    Raises BrokenInput where the data or a parent's files do not match their manifest.
    """
    layers = weight_layers(job["network"])
    inputs = [check_data(data), *check_parents(job)]
    starts = [starting_point(job, lane, layers) for lane in job["lanes"]]
    masks = [masks for masks, _ in starts]
    resume = ResumeFile(out / "resume.safetensors", manifest.digest([job, code]))
    result = _train(job, data, masks, [weights for _, weights in starts], resume)

    lanes = [(lane["trial"], lane["replicate"]) for lane in job["lanes"]]
    total = sum(layer.size for layer in layers)
    remaining = [int(sum(mask.sum() for mask in lane.values())) for lane in masks]
    record = result.record
    save_lanes(out / "weights.safetensors", lanes, result.weights, result.snapshots)
    save_lanes(out / "masks.safetensors", lanes, masks)
    table = metrics_table(record, result.train_accuracy, lanes, job["round"], total, remaining)
    write_table(out / "metrics.parquet", table)
    written = manifest.build(
        "training",
        settings=job,
        code=code,
        inputs=inputs,
        outputs={name: sha256_file(out / name) for name in OUTPUTS},
        environment=result.environment,
        diverged=[list(lane) for i, lane in enumerate(lanes) if record.diverged(i)],
    )
    manifest.write(out / manifest.NAME, written)
    resume.remove()
    for lane, (trial, replicate) in enumerate(lanes):
        print(_summary(out, trial, replicate, 100 * remaining[lane] / total, record, lane))


@dataclass(frozen=True)
class _Trained:
    """What training leaves; lists are by lane, snapshots None where there are none."""

    weights: list[Weights]
    snapshots: list[Weights] | None
    record: Record
    train_accuracy: list[list[TrainAccuracy]]
    environment: dict[str, str]


def _train(
    job: Mapping[str, Any],
    data: Path,
    masks: list[Masks],
    starts: list[Weights],
    resume: ResumeFile,
) -> _Trained:
    """Train all lanes to the end, from their starting weights or from where `resume` stands."""
    training, dataset = job["training"], job["dataset"]
    record = Record.empty(training["iterations"], training["evaluate_every"], len(starts))
    progress = Progress.begin(record, len(starts), job["snapshot"])
    states = resume.load(progress)
    if states is None:
        states = [State(start, {}, 0) for start in starts]
    else:
        print(f"resuming after iteration {progress.step}", flush=True)

    splits = load_splits(
        data,
        dataset["validation"],
        dataset["split_seed"],
        dataset["scaling"],
        dataset["examples"],
    )
    engine = make_engine(
        job["engine"],
        job["network"],
        optimiser_of(training),
        splits,
        states,
        masks,
        training["precision"],
    )

    stop = stop_signals()

    def checkpoint(progress: Progress) -> None:
        if resume.due() or stop.received:
            resume.save(engine.states(), progress)
        if stop.received:
            raise Stopped(f"asked to stop; saved after iteration {progress.step}")

    draws = [draws_of(job, lane, len(splits["train"])) for lane in job["lanes"]]
    train_accuracy = train(engine, draws, progress, checkpoint)
    snapshots = None if progress.snapshot_at is None else progress.snapshot
    return _Trained(
        engine.weights(), snapshots, progress.record, train_accuracy, engine.description
    )


def _summary(
    out: Path, trial: int, replicate: int, percent: float, record: Record, lane: int
) -> str:
    """Return one line for the person who watches."""
    stop = record.early_stop(lane)
    diverged = ", diverged" if record.diverged(lane) else ""
    return (
        f"{out.parent.parent.name}, {out.parent.name.replace('_', ' ')}, trial {trial}"
        f"{f', replicate {replicate}' if replicate else ''}: {percent:.1f} % of weights,"
        f" early stop at {record.iterations[stop]:,}, test accuracy there"
        f" {record.accuracy[stop, lane, 1]:.2%}{diverged}"
    )


def main() -> None:
    """Run the job of the command line; failures end with one line that says what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", required=True, type=json.loads)
    parser.add_argument("--code", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--manifest", required=True, type=Path)
    arguments = parser.parse_args()
    try:
        run(arguments.job, arguments.code, arguments.data, arguments.manifest.parent)
    except (BrokenInput, Stopped, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
