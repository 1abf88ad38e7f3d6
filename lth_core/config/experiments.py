"""Resolves the experiment files: `extends`, sweeps and the scale."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

from lth_core.config.architecture import Architecture
from lth_core.config.errors import ConfigError, Errors, unknown_name, validated
from lth_core.config.files import named_files, read_mapping
from lth_core.config.models import Experiment, Limits, Scale
from lth_core.config.training import Training, foreign_keys
from lth_core.networks.cost import FLOPS_TRAINING, multiply_adds

T = TypeVar("T")
# Replaced whole, since the keys of one source or layer mean nothing to another.
WHOLE = ("arm", "architecture", "initialisation")


@dataclass(frozen=True)
class Raw:
    """One experiment as written, its sweep points spread out."""

    file: Path
    key: str
    settings: Mapping[str, Any]
    sweep: str | None


def read_raw(folder: Path, errors: Errors | None = None) -> dict[str, Raw]:
    """Return all experiments of the files in `folder`, by name, as written.

    Raises one ConfigError for all files that are wrong, or leaves it to `errors` where given.
    """
    raw: dict[str, Raw] = {}
    found = errors or Errors()
    for path in named_files(folder).values():
        entries: dict[str, Any] = {}
        with found.gathered("experiment"):
            entries = read_mapping(path)
        for name, settings in entries.items():
            with found.gathered("experiment", *_names(name, settings)):
                _add(raw, path, name, settings)
    if errors is None:
        found.raise_found()
    return raw


def _names(name: str, settings: Any) -> list[str]:
    """Return the names of an entry's experiments, also where its settings are wrong."""
    sweep = settings.get("sweep") if isinstance(settings, dict) else None
    points = sweep if isinstance(sweep, dict) else ()
    return [name, *(f"{name}_{point}" for point in points)]


def _add(raw: dict[str, Raw], path: Path, name: str, settings: Any) -> None:
    """Add an entry of a file, or the points of its sweep, to the experiments `raw`."""
    if not isinstance(settings, dict):
        raise ConfigError(f"{path}: {name}: found {settings!r}, should be a mapping")
    for entry_name, entry in _spread(path, name, settings).items():
        check_in_path(f"{path}: {name}", entry_name)
        if entry_name in raw:
            other = raw[entry_name].file
            raise ConfigError(f"{path}: {name}: {entry_name!r} is in {other} already")
        raw[entry_name] = entry


def check_in_path(where: str, name: str) -> None:
    """Refuse names that cannot stand in a path."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name, re.ASCII):
        raise ConfigError(f"{where}: the name {name!r} may have letters, digits and _ . - only")


def _spread(path: Path, name: str, settings: dict[str, Any]) -> dict[str, Raw]:
    """Return the points of a sweep, named `<sweep>_<point>`, or the experiment itself."""
    if "sweep" not in settings:
        return {name: Raw(path, name, settings, None)}
    points = settings["sweep"]
    if not isinstance(points, dict) or not points:
        raise ConfigError(
            f"{path}: {name}.sweep: found {points!r}, should map each point to the keys that it"
            " changes"
        )
    common = {key: value for key, value in settings.items() if key != "sweep"}
    spread = {}
    for point, changes in points.items():
        if not isinstance(changes, dict):
            raise ConfigError(
                f"{path}: {name}.sweep.{point}: found {changes!r}, should be a mapping such as {{}}"
            )
        key = f"{name}.sweep.{point}"
        if "sweep" in changes:
            raise ConfigError(
                f"{path}: {key}.sweep: a point cannot be a sweep; write its points in {name}.sweep"
            )
        spread[f"{name}_{point}"] = Raw(path, key, merge(common, changes), name)
    return spread


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `changes` over it, block by block.

    The blocks of WHOLE are replaced whole, and the keys that another optimiser lacks dropped.
    """
    foreign = foreign_keys(changes.get("optimizer"))
    merged = {key: value for key, value in base.items() if key not in foreign}
    for key, value in changes.items():
        whole = key in WHOLE
        if isinstance(value, dict) and isinstance(merged.get(key), dict) and not whole:
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def chain(name: str, raw: Mapping[str, Raw]) -> list[str]:
    """Return the experiment `name` and those that it extends, one upon the other."""
    names = [name]
    while "extends" in (entry := raw[names[-1]]).settings:
        parent = entry.settings["extends"]
        where = f"{entry.file}: {entry.key}.extends"
        if not isinstance(parent, str) or parent not in raw:
            raise unknown_name(where, parent, raw, "experiment")
        if parent in names:
            raise ConfigError(f"{where}: {' -> '.join([*names, parent])} is circular")
        names.append(parent)
    return names


def resolve(name: str, raw: Mapping[str, Raw]) -> dict[str, Any]:
    """Return the settings of experiment `name` with what it extends beneath them."""
    settings: dict[str, Any] = {}
    for each in reversed(chain(name, raw)):
        settings = merge(settings, raw[each].settings)
    settings.pop("extends", None)
    return settings


def validate_all(
    raw: Mapping[str, Raw], architectures: Mapping[str, Architecture], errors: Errors
) -> dict[str, Experiment]:
    """Return all typed experiments by name; what is wrong goes to `errors`."""
    found: dict[str, Experiment] = {}

    def add(name: str) -> None:
        found[name] = validate(raw[name], resolve(name, raw), architectures)

    each(raw, add, errors, "experiment")
    return {name: found[name] for name in raw if name in found}


def each(
    raw: Mapping[str, Raw], check: Callable[[str], None], errors: Errors, what: str = ""
) -> None:
    """Check every experiment; what is wrong goes to `errors`, as `what` says there.

    Of a sweep, and of experiments that extend a wrong one, only the first is told.
    """
    wrong: set[str] = set()
    for name in sorted(raw, key=lambda name: _depth(name, raw)):
        right = False
        if not wrong & {str(raw[name].settings.get("extends")), raw[name].sweep or ""}:
            with errors.gathered(what, name):
                check(name)
                right = True
        if not right:
            wrong |= {name, raw[name].sweep or name}
            errors.lose(what, name)  # also one that is not told


def _depth(name: str, raw: Mapping[str, Raw]) -> int:
    """Return an experiment's place in its chain of `extends`, from 1; 0 where that is wrong."""
    try:
        return len(chain(name, raw))
    except ConfigError:
        return 0


def validate(
    entry: Raw, settings: dict[str, Any], architectures: Mapping[str, Architecture]
) -> Experiment:
    """Return the typed experiment; `architecture` may be a name."""
    settings = with_architecture(f"{entry.file}: {entry.key}", settings, architectures)
    return validated(Experiment, entry.file, settings, entry.key, also=("extends", "sweep"))


def with_architecture(
    where: str, settings: dict[str, Any], architectures: Mapping[str, Architecture]
) -> dict[str, Any]:
    """Return an experiment as written with its architecture in place of the name."""
    name = settings.get("architecture")
    if not isinstance(name, str):
        return settings
    if name not in architectures:
        raise unknown_name(f"{where}.architecture", name, architectures, "architecture")
    return {**settings, "architecture": architectures[name].model_dump()}


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
