"""Train one round of distillation: networks under their masks, on labels and on a teacher.

The teacher is the trained dense network of the trial. Leaves what `train` leaves; a job that was
killed goes on bit for bit.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lth_core.arms.source import WEIGHTS
from lth_core.errors import NotPlanned
from lth_core.jobs import train as plain
from lth_core.jobs.kind import Job, Place, Written, code_of
from lth_core.jobs.own_loop import train_saving, write
from lth_core.networks.shapes import weight_layers
from lth_core.provenance import manifest
from lth_core.training.checkpoint import ResumeFile, load_lane
from lth_core.training.defaults import completed
from lth_core.training.distilled import DistilledEngine
from lth_core.training.loop import Progress
from lth_core.training.record import Record
from lth_core.training.start import draws_of, optimiser_of, starting_point
from lth_core.training.state import State

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = plain.MANIFEST


def job(plan: "Plan", place: Place) -> Job:
    """Return the job of distillation at `place`. Raises NotPlanned."""
    found = plan.job_at(place)
    told = plan.specification(found)
    if "distillation" not in told:
        raise NotPlanned(f"{found.folder} is not a job of distillation")
    return told


def modules(job: Job) -> tuple[str, ...]:
    """Return the modules of the job's engine and of its two sources."""
    return plain.modules(job)


def run(job: Job, out: Path) -> Written:
    """Train all lanes of `job`, to the end or from where an earlier attempt was stopped."""
    settings = completed(job)
    layers, training = weight_layers(settings["network"]), settings["training"]
    splits = cache(lambda: plain._splits(settings))
    starts = [starting_point(settings, lane, layers, splits) for lane in job["lanes"]]
    masks = [masks for masks, _ in starts]
    record = Record.empty(training["iterations"], training["evaluate_every"], len(starts))
    progress = Progress.begin(record, len(starts))
    code = code_of("train_distilled", job)
    resume = ResumeFile(out / "resume.safetensors", manifest.digest([job, code]))
    states = resume.load(progress)
    if states is None:
        states = [State(weights, {}, 0) for _, weights in starts]
    else:
        print(f"resuming after iteration {progress.step}", flush=True)
    places = [lane["parents"]["teacher"] for lane in job["lanes"]]
    engine = DistilledEngine(
        settings["network"],
        optimiser_of(training),
        splits(),
        states,
        masks,
        [load_lane(Path(p["folder"], WEIGHTS), p["trial"], p["replicate"]) for p in places],
        settings["distillation"]["alpha"],
        settings["distillation"]["temperature"],
        training["precision"],
        training["label_smoothing"],
    )
    draws = [draws_of(settings, lane, len(splits()["train"])) for lane in job["lanes"]]
    train_accuracy = train_saving(engine, draws, progress, resume)
    written = write(settings, out, engine, masks, progress, train_accuracy)
    resume.remove()
    return written
