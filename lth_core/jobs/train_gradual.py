"""Train one round of gradual pruning: the dense network, pruned on the way (Zhu & Gupta, 2017).

Leaves what `train` leaves, of the network that remains. A job that was killed goes on bit for bit.
Early stopping is recorded as always, and may choose an iteration at which the network was still
larger: only the end of training is that of a network of the round's size.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lth_core.arms.masks.gradual import Settings
from lth_core.errors import NotPlanned
from lth_core.jobs import train as plain
from lth_core.jobs.kind import Job, Place, Written, code_of
from lth_core.jobs.own_loop import train_saving, write
from lth_core.networks.shapes import Layer, Masks, Weights, weight_layers
from lth_core.provenance import manifest
from lth_core.pruning.gradual import done_at, keep_so_far
from lth_core.pruning.mask import keep_largest
from lth_core.training.checkpoint import ResumeFile
from lth_core.training.defaults import completed
from lth_core.training.engines import make_engine
from lth_core.training.gradual import PruningEngine, begun
from lth_core.training.loop import Engine, Progress
from lth_core.training.record import Record
from lth_core.training.start import draws_of, optimiser_of, starting_point
from lth_core.training.state import State

if TYPE_CHECKING:
    from lth_core.runs.plan import Plan

MANIFEST = plain.MANIFEST


def job(plan: "Plan", place: Place) -> Job:
    """Return the job of gradual pruning at `place`. Raises NotPlanned."""
    from lth_core.arms.loops import loop_of

    found = plan.job_at(place)
    told = plan.specification(found)
    if plan.is_xor(found.runs[0].experiment) or loop_of(told["mask"]["source"]) != "train_gradual":
        raise NotPlanned(f"{found.folder} is not a job of gradual pruning")
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
    record = Record.empty(training["iterations"], training["evaluate_every"], len(starts))
    progress = Progress.begin(record, len(starts))
    code = code_of("train_gradual", job)
    resume = ResumeFile(out / "resume.safetensors", manifest.digest([job, code]))
    states = resume.load(progress)
    if states is None:
        states = [begun(State(weights, {}, 0), masks) for masks, weights in starts]
    else:
        print(f"resuming after iteration {progress.step}", flush=True)

    def make(states: list[State], masks: list[Masks]) -> Engine:
        return make_engine(
            settings["engine"],
            settings["network"],
            optimiser_of(training),
            splits(),
            states,
            masks,
            training["precision"],
            training["label_smoothing"],
        )

    engine = PruningEngine(make, states, _keeping(settings["mask"], layers, record))
    # The batches are those of the dense network, which it is at first.
    dense = {**settings, "mask": {"source": "dense"}, "round": 0}
    draws = [draws_of(dense, lane, len(splits()["train"])) for lane in settings["lanes"]]
    train_accuracy = train_saving(engine, draws, progress, resume)
    written = write(settings, out, engine, engine.masks, progress, train_accuracy)
    resume.remove()
    return written


def _keeping(
    mask: Mapping[str, Any], layers: Sequence[Layer], record: Record
) -> dict[int, Callable[[Weights, Masks], Masks]]:
    """Return by iteration what is kept then: the largest of the surviving weights."""
    told = Settings.completed(mask)
    begin, end, steps = told["begin"], told["end"], told["steps"]
    done = done_at(told["schedule"], begin, end, steps, record.iterations)

    def keeping(share: float) -> Callable[[Weights, Masks], Masks]:
        keep = keep_so_far(mask["keep"], share)
        return lambda weights, masks: keep_largest(layers, weights, masks, keep, mask["scope"])

    return {iteration: keeping(share) for iteration, share in done.items()}
