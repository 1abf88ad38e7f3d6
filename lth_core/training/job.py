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

from lth_core.arms.masks import MaskInputs, make_masks
from lth_core.arms.weights import WeightInputs, initial_weights, starting_weights
from lth_core.data.load import load_splits
from lth_core.files import sha256_file
from lth_core.networks.shapes import Layer, Masks, Weights, weight_layers
from lth_core.provenance import manifest
from lth_core.streams import stream
from lth_core.training.checkpoint import ResumeFile, save_lanes
from lth_core.training.engines import make_engine
from lth_core.training.inputs import BrokenInput, check_data, check_parents, parent_tensors
from lth_core.training.loop import Progress, train
from lth_core.training.order import DataOrder
from lth_core.training.record import Record, TrainAccuracy, metrics_table, write_table
from lth_core.training.state import Optimiser, State

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
    starts = [_start(job, lane, layers) for lane in job["lanes"]]
    masks = [masks for masks, _ in starts]
    resume = ResumeFile(out / "resume.safetensors", manifest.digest([job, code]))
    result = _train(job, data, masks, [weights for _, weights in starts], resume)

    lanes = [(lane["trial"], lane["replicate"]) for lane in job["lanes"]]
    total = sum(layer.size for layer in layers)
    remaining = [int(sum(mask.sum() for mask in lane.values())) for lane in masks]
    record = result.record
    save_lanes(out / "weights.safetensors", lanes, result.weights)
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
    """What training leaves; lists are by lane."""

    weights: list[Weights]
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
    progress = Progress(record, 0, [{} for _ in starts])
    states = resume.load(progress)
    if states is None:
        states = [State(start, {}, 0) for start in starts]
    else:
        print(f"resuming after iteration {record.iterations[progress.measured - 1]}", flush=True)

    splits = load_splits(data, dataset["validation"], dataset["split_seed"], dataset["scaling"])
    optimiser = _optimiser(training)
    engine = make_engine(job["engine"], job["network"], optimiser, splits, states, masks)

    def checkpoint(progress: Progress) -> None:
        if resume.due():
            resume.save(engine.states(), progress)

    orders = [_order(job, lane, len(splits["train"])) for lane in job["lanes"]]
    train_accuracy = train(engine, orders, progress, checkpoint)
    weights = [state.weights for state in engine.states()]
    return _Trained(weights, progress.record, train_accuracy, engine.description)


def _start(
    job: Mapping[str, Any], lane: Mapping[str, Any], layers: list[Layer]
) -> tuple[Masks, Weights]:
    """Return mask and starting weights of one lane: the two factors of its arm."""
    initial = initial_weights(layers, job["initialisation"], job["seed"], lane["trial"])
    trained = parent_tensors(lane, "trained", "weights.safetensors")
    masks = make_masks(
        job["mask"],
        MaskInputs(
            layers=layers,
            initial=initial,
            trained=trained,
            previous=parent_tensors(lane, "trained", "masks.safetensors"),
            ticket=parent_tensors(lane, "ticket", "masks.safetensors"),
            generator=stream(*_stream_key(job, lane), "mask"),
        ),
    )
    weights = starting_weights(
        job["weights"],
        WeightInputs(
            layers=layers,
            initialisation=job["initialisation"],
            initial=initial,
            masks=masks,
            trained=trained,
            generator=stream(*_stream_key(job, lane), "weights"),
        ),
    )
    return masks, weights


def _order(job: Mapping[str, Any], lane: Mapping[str, Any], examples: int) -> DataOrder:
    return DataOrder(examples, job["training"]["batch_size"], *_stream_key(job, lane), "order")


def _stream_key(job: Mapping[str, Any], lane: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Return what the streams of a run are named by: its place, but never its packing."""
    return (
        job["seed"],
        lane["trial"],
        job["mask"]["source"],
        job["weights"]["source"],
        job["round"],
        lane["replicate"],
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


def _optimiser(training: Mapping[str, Any]) -> Optimiser:
    names = {"momentum", "beta1", "beta2", "epsilon"} & set(training)
    return Optimiser(
        training["optimizer"],
        training["learning_rate"],
        **{name: training[name] for name in names},
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
    except (BrokenInput, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
