"""Train one round of one experiment, for a block of trials and replicates.

Leaves weights.safetensors, masks.safetensors and metrics.parquet. While it runs its state is kept
beside them; a job that was killed goes on from there, bit for bit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lth_core.arms import module_name
from lth_core.data.load import load_splits
from lth_core.data.split import Split
from lth_core.errors import NotPlanned
from lth_core.files import sha256_file
from lth_core.jobs.kind import Job, Place, Written, code_of
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.provenance import manifest
from lth_core.training.checkpoint import ResumeFile, save_lanes
from lth_core.training.defaults import completed
from lth_core.training.engines import make_engine
from lth_core.training.loop import Progress, train
from lth_core.training.record import Record, TrainAccuracy
from lth_core.training.registry import ENGINES
from lth_core.training.start import draws_of, optimiser_of, starting_point
from lth_core.training.state import State
from lth_core.training.stopping import Stopped, stop_signals

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = "{results}/runs/{experiment}/round_{round}/{lanes}/manifest.json"
OUTPUTS = ("weights.safetensors", "masks.safetensors", "metrics.parquet")


def job(plan: "Plan", place: Place) -> Job:
    """Return the training job at `place`. Raises NotPlanned."""
    found = plan.job_at(place)
    if plan.is_xor(found.runs[0].experiment):
        raise NotPlanned(f"{found.folder} is a job of XOR networks")
    return plan.specification(found)


def modules(job: Job) -> tuple[str, ...]:
    """Return the modules of the job's engine and of its two sources."""
    engine, _ = ENGINES[job["engine"]]
    masks, weights = job["mask"]["source"], job["weights"]["source"]
    return engine, module_name("masks", masks), module_name("weights", weights)


def run(job: Job, out: Path) -> Written:
    """Train all lanes of `job`, to the end or from where an earlier attempt was stopped."""
    settings = completed(job)
    layers = weight_layers(settings["network"])
    splits = cache(lambda: _splits(settings))
    starts = [starting_point(settings, lane, layers, splits) for lane in job["lanes"]]
    masks = [masks for masks, _ in starts]
    resume = ResumeFile(out / "resume.safetensors", manifest.digest([job, code_of("train", job)]))
    result = _train(settings, splits(), masks, [weights for _, weights in starts], resume)

    from lth_core.training.metrics import metrics_table, write_metrics  # imports pyarrow

    lanes = [(lane["trial"], lane["replicate"]) for lane in job["lanes"]]
    total = sum(layer.size for layer in layers)
    remaining = [int(sum(mask.sum() for mask in lane.values())) for lane in masks]
    record = result.record
    save_lanes(out / "weights.safetensors", lanes, result.weights, result.snapshots)
    save_lanes(out / "masks.safetensors", lanes, masks)
    table = metrics_table(record, result.train_accuracy, lanes, job["round"], total, remaining)
    write_metrics(table, out / "metrics.parquet")
    resume.remove()
    for lane, (trial, replicate) in enumerate(lanes):
        print(_summary(out, trial, replicate, 100 * remaining[lane] / total, record, lane))
    return Written(
        outputs={name: sha256_file(out / name) for name in OUTPUTS},
        environment=result.environment,
        details={"diverged": [list(lane) for i, lane in enumerate(lanes) if record.diverged(i)]},
    )


def _splits(settings: Mapping[str, Any]) -> dict[str, Split]:
    dataset = settings["dataset"]
    path = Path("results", "data", f"{dataset['name']}.safetensors")
    return load_splits(path, dataset, settings["network"]["input"])


@dataclass(frozen=True)
class _Trained:
    """What training leaves; lists are by lane, snapshots None where there are none."""

    weights: list[Weights]
    snapshots: list[Weights] | None
    record: Record
    train_accuracy: list[list[TrainAccuracy]]
    environment: dict[str, str]


def _train(
    settings: Mapping[str, Any],
    splits: dict[str, Split],
    masks: list[Masks],
    starts: Sequence[Weights],
    resume: ResumeFile,
) -> _Trained:
    """Train all lanes to the end, from their starting weights or from where `resume` stands."""
    training = settings["training"]
    record = Record.empty(training["iterations"], training["evaluate_every"], len(starts))
    progress = Progress.begin(record, len(starts), settings["snapshot"])
    states = resume.load(progress)
    if states is None:
        states = [State(start, {}, 0) for start in starts]
    else:
        print(f"resuming after iteration {progress.step}", flush=True)
    engine = make_engine(
        settings["engine"],
        settings["network"],
        optimiser_of(training),
        splits,
        states,
        masks,
        training["precision"],
        training["label_smoothing"],
    )

    def save_if_due(progress: Progress) -> None:
        if resume.due():
            resume.save(engine.states(), progress)

    stop = stop_signals()
    draws = [draws_of(settings, lane, len(splits["train"])) for lane in settings["lanes"]]
    try:
        train_accuracy = train(engine, draws, progress, save_if_due, stop.check)
    except Stopped as asked:
        resume.save(engine.states(), progress)
        raise Stopped(f"{asked}; saved after iteration {progress.step}") from None
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
