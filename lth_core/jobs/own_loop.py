"""Shared by training jobs with a loop of their own: the way to the end, and what they leave."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lth_core.files import sha256_file
from lth_core.jobs import train as plain
from lth_core.jobs.kind import Written
from lth_core.networks.shapes import Masks, weight_layers
from lth_core.training.batches import Draws
from lth_core.training.checkpoint import ResumeFile, save_lanes
from lth_core.training.loop import Engine, Progress, train
from lth_core.training.record import TrainAccuracy
from lth_core.training.stopping import Stopped, stop_signals


def train_saving(
    engine: Engine, draws: list[Draws], progress: Progress, resume: ResumeFile
) -> list[list[TrainAccuracy]]:
    """Train all lanes to the end, saving what a later attempt can go on from. Raises Stopped."""
    stop = stop_signals()

    def save_if_due(progress: Progress) -> None:
        if resume.due():
            resume.save(engine.states(), progress)

    try:
        return train(engine, draws, progress, save_if_due, stop.check)
    except Stopped as asked:
        resume.save(engine.states(), progress)
        raise Stopped(f"{asked}; saved after iteration {progress.step}") from None


def write(
    settings: Mapping[str, Any],
    out: Path,
    engine: Engine,
    masks: list[Masks],
    progress: Progress,
    train_accuracy: list[list[TrainAccuracy]],
) -> Written:
    """Write what `train` writes, of the lanes of `engine` and their masks at the end.

    settings: the job, completed.
    """
    from lth_core.training.metrics import metrics_table, write_metrics  # imports pyarrow

    record, round_ = progress.record, settings["round"]
    lanes = [(lane["trial"], lane["replicate"]) for lane in settings["lanes"]]
    total = sum(layer.size for layer in weight_layers(settings["network"]))
    remaining = [int(sum(mask.sum() for mask in lane.values())) for lane in masks]
    save_lanes(out / "weights.safetensors", lanes, engine.weights())
    save_lanes(out / "masks.safetensors", lanes, masks)
    table = metrics_table(record, train_accuracy, lanes, round_, total, remaining)
    write_metrics(table, out / "metrics.parquet")
    for lane, (trial, replicate) in enumerate(lanes):
        print(
            f"{out.parent.parent.name}, {out.parent.name.replace('_', ' ')}, trial {trial}"
            f"{f', replicate {replicate}' if replicate else ''}:"
            f" {100 * remaining[lane] / total:.1f} % of weights, test accuracy at the end"
            f" {record.accuracy[-1, lane, 1]:.2%}{', diverged' if record.diverged(lane) else ''}"
        )
    return Written(
        outputs={name: sha256_file(out / name) for name in plain.OUTPUTS},
        environment=engine.description,
        details={"diverged": [list(lane) for i, lane in enumerate(lanes) if record.diverged(i)]},
    )
