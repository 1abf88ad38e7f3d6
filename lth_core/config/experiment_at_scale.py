"""An experiment at a scale: fewer iterations, rounds, trials, replicates and sizes."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TypeVar

from lth_core.config.experiment import Experiment
from lth_core.config.experiment_files import Raw
from lth_core.config.scale import Limits, Scale
from lth_core.config.training import Training
from lth_core.networks.cost import FLOPS_TRAINING, multiply_adds

T = TypeVar("T")


def scaled(experiment: Experiment, scale: Scale) -> Experiment:
    """Return `experiment` at `scale`: fewer iterations, rounds, trials, replicates, sizes."""
    limits = scale.of(experiment.architecture)
    published, training = experiment.training, scaled_training(experiment, limits)
    weights = experiment.arm.weights.at_scale(lambda at: at_iteration(at, published, training))
    rounds = experiment.round_range
    last = rounds[-1]
    mask = experiment.arm.mask.at_scale(lambda sizes: evenly(sizes[:last], limits.oneshot_shares))
    if mask.sizes is not None:
        last = len(mask.sizes)
    elif limits.rounds is not None:
        last = min(last, limits.rounds)
    read = getattr(mask, "last", None)  # of the rounds of another experiment
    if read is not None and limits.rounds is not None:
        mask = mask.model_copy(update={"last": min(read, limits.rounds)})
    return experiment.model_copy(
        update={
            "arm": experiment.arm.model_copy(update={"mask": mask, "weights": weights}),
            "training": training,
            "rounds": f"{min(rounds[0], last)}-{last}",
            "trials": min(experiment.trials, limits.trials or experiment.trials),
            "replicates": min(experiment.replicates, limits.replicates or experiment.replicates),
        }
    )


def scaled_training(experiment: Experiment, limits: Limits) -> Training:
    """Return how `experiment` is trained within `limits`; its schedule shrinks as it does.

    No more iterations or evaluations than published, and one by the iteration that is rewound to,
    which stays before the end if it is published so.
    """
    published, early = experiment.training, experiment.arm.weights.snapshot
    if published.iterations == 0:
        return published
    iterations = published.iterations
    every = limits.evaluate_every or published.evaluate_every
    every = max(every, ceil(published.evaluate_every * limits.iterations))
    every = min(every, iterations, early or iterations)
    if limits.iterations < 1:
        # Whole evaluations, so that runs of one scale can be compared at each.
        wanted = max(1, round(iterations * limits.iterations / every)) * every
        iterations = min(iterations, wanted)
    if limits.flops is not None:
        network = experiment.architecture.model_dump()
        one = FLOPS_TRAINING * multiply_adds(network) * published.batch_size
        iterations = min(iterations, max(2, int(limits.flops / one)))
    before_the_end = early is not None and early < published.iterations
    every = min(every, max(1, iterations // 2) if before_the_end else iterations)
    training = published.model_copy(update={"iterations": iterations, "evaluate_every": every})
    share = iterations / published.iterations
    drops = {min(max(1, round(drop * share)), iterations - 1) for drop in published.drops}
    return training.model_copy(
        update={"warmup": round(published.warmup * share), "drops": sorted(drops - {0})}
    )


def at_iteration(iteration: int, published: Training, training: Training) -> int:
    """Return the evaluated iteration of `training` that corresponds to one of `published`.

    It is no later, and before the end if that one is; but where `training` is not evaluated so
    early, it is the first after 0.
    """
    if iteration in (0, published.iterations):
        return min(iteration, training.iterations)
    share, every = training.iterations / published.iterations, training.evaluate_every
    before_the_end = (training.iterations - 1) // every
    evaluations = min(round(iteration * share / every), iteration // every, before_the_end)
    return min(max(1, evaluations) * every, training.iterations)


def evenly(items: Sequence[T], at_most: int | None) -> list[T]:
    """Return at most `at_most` of `items`, evenly spread, first and last among them."""
    if at_most is None or len(items) <= at_most:
        return list(items)
    if at_most == 1:
        return [items[-1]]
    step = (len(items) - 1) / (at_most - 1)
    return [items[round(index * step)] for index in range(at_most)]


def dropped_points(
    raw: Mapping[str, Raw], experiments: Mapping[str, Experiment], scale: Scale
) -> set[str]:
    """Return the sweep points that `scale` leaves out; `experiments` are the typed ones."""
    sweeps: dict[str, list[str]] = {}
    for name, entry in raw.items():
        if entry.sweep is not None:
            sweeps.setdefault(entry.sweep, []).append(name)

    def is_kept(name: str, points: list[str]) -> bool:
        return name in evenly(points, scale.of(experiments[name].architecture).sweep_points)

    return {name for points in sweeps.values() for name in points if not is_kept(name, points)}
