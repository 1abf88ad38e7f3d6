"""Train supermasks: a score for every weight, and no weight (Zhou et al., 2019, and later).

Leaves what `train` leaves: as the mask the weights that are not hidden at the end, and the weights
as their scores leave them, so that evaluating these repeats the accuracy at the end. A job that was
killed goes on bit for bit. Early stopping is recorded as always, but at another iteration the mask
was another one: only the end of training is that of the network that is left.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.arms.masks.supermask import Settings
from lth_core.errors import NotPlanned
from lth_core.jobs import train as plain
from lth_core.jobs.kind import Job, Place, Written, code_of
from lth_core.jobs.own_loop import train_saving, write
from lth_core.networks.shapes import weight_layers
from lth_core.provenance import manifest
from lth_core.training.checkpoint import ResumeFile
from lth_core.training.defaults import completed
from lth_core.training.loop import Progress
from lth_core.training.record import Record
from lth_core.training.start import _stream_key, draws_of, optimiser_of, starting_point
from lth_core.training.supermask import SupermaskEngine, supermask_of

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = plain.MANIFEST


def job(plan: "Plan", place: Place) -> Job:
    """Return the job of supermasks at `place`. Raises NotPlanned."""
    found = plan.job_at(place)
    told = plan.specification(found)
    if plan.is_xor(found.runs[0].experiment) or told["mask"]["source"] != "supermask":
        raise NotPlanned(f"{found.folder} is not a job of supermasks")
    return told


def modules(job: Job) -> tuple[str, ...]:
    """Return the modules of the job's engine and of its two sources."""
    return plain.modules(job)


def run(job: Job, out: Path) -> Written:
    """Train all lanes of `job`, to the end or from where an earlier attempt was stopped."""
    settings = completed(job)
    layers, training = weight_layers(settings["network"]), settings["training"]
    told = Settings.completed(settings["mask"])
    splits = plain._splits(settings)
    supermasks, starts = [], []
    for lane in job["lanes"]:
        _, weights = starting_point(settings, lane, layers, lambda: splits)
        key = _stream_key(settings, lane)
        supermask, start = supermask_of(layers, told["form"], told["threshold"], weights, key)
        supermasks.append(supermask)
        starts.append(start)
    record = Record.empty(training["iterations"], training["evaluate_every"], len(starts))
    progress = Progress.begin(record, len(starts))
    code = code_of("train_supermask", job)
    resume = ResumeFile(out / "resume.safetensors", manifest.digest([job, code]))
    states = resume.load(progress)
    if states is not None:
        print(f"resuming after iteration {progress.step}", flush=True)
    engine = SupermaskEngine(
        settings["network"],
        optimiser_of(training),
        splits,
        states or starts,
        supermasks,
        told["decay"],
        training["precision"],
        training["label_smoothing"],
    )
    draws = [draws_of(settings, lane, len(splits["train"])) for lane in job["lanes"]]
    train_accuracy = train_saving(engine, draws, progress, resume)
    written = write(settings, out, engine, engine.masks, progress, train_accuracy)
    resume.remove()
    thresholds = [dict(lane.thresholds) for lane in supermasks]
    return Written(
        written.outputs, written.environment, {**written.details, "thresholds": thresholds}
    )
