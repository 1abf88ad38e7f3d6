"""From the raw experiment files to experiments: `extends`, sweeps and the scale."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lth_core.config.architecture import Architecture
from lth_core.config.errors import ConfigError, unknown_name, validated
from lth_core.config.files import named_files, read_mapping
from lth_core.config.models import Experiment, Scale
from lth_core.config.training import Training, foreign_keys
from lth_core.networks.cost import FLOPS_TRAINING, multiply_adds

T = TypeVar("T")


@dataclass(frozen=True)
class Raw:
    """One experiment as written, its sweep points spread out."""

    file: Path
    key: str
    settings: Mapping[str, Any]
    sweep: str | None


def read_raw(folder: Path) -> dict[str, Raw]:
    """Return all experiments of the files in `folder`, by name, as written."""
    raw: dict[str, Raw] = {}
    for path in named_files(folder).values():
        for name, settings in read_mapping(path).items():
            if not isinstance(settings, dict):
                raise ConfigError(f"{path}: {name}: found {settings!r}, should be a mapping")
            for entry_name, entry in _spread(path, name, settings).items():
                check_name(f"{path}: {name}", entry_name)
                if entry_name in raw:
                    other = raw[entry_name].file
                    raise ConfigError(f"{path}: {name}: {entry_name!r} is in {other} already")
                raw[entry_name] = entry
    return raw


def check_name(where: str, name: str) -> None:
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
        spread[f"{name}_{point}"] = Raw(path, key, merge(common, changes), name)
    return spread


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `changes` over it, block by block.

    `arm`, `architecture` and `initialisation` are replaced whole, since the keys of one
    source or layer mean nothing to another. Nor do those of one optimiser.
    """
    foreign = foreign_keys(changes.get("optimizer"))
    merged = {key: value for key, value in base.items() if key not in foreign}
    for key, value in changes.items():
        whole = key in ("arm", "architecture", "initialisation")
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
            raise ConfigError(f"{where}: {' -> '.join([*names, parent])} goes round in a circle")
        names.append(parent)
    return names


def resolve(name: str, raw: Mapping[str, Raw]) -> dict[str, Any]:
    """Return the settings of experiment `name` with what it extends beneath them."""
    settings: dict[str, Any] = {}
    for each in reversed(chain(name, raw)):
        settings = merge(settings, raw[each].settings)
    settings.pop("extends", None)
    return settings


def validate(
    entry: Raw, settings: dict[str, Any], architectures: Mapping[str, Architecture]
) -> Experiment:
    """Return the typed experiment; `architecture` may be a name."""
    settings = with_architecture(f"{entry.file}: {entry.key}", settings, architectures)
    return validated(Experiment, entry.file, settings, entry.key)


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
    published, training = experiment.training, scaled_training(experiment, scale)
    mask = experiment.arm.mask.at_scale(lambda sizes: evenly(sizes, scale.oneshot_shares))
    weights = experiment.arm.weights.at_scale(lambda at: at_iteration(at, published, training))
    rounds = experiment.round_range
    last = rounds[-1]
    if mask.sizes is not None:
        last = min(last, len(mask.sizes)) if scale.oneshot_shares is None else len(mask.sizes)
    elif scale.rounds is not None:
        last = min(last, scale.rounds)
    return experiment.model_copy(
        update={
            "arm": experiment.arm.model_copy(update={"mask": mask, "weights": weights}),
            "training": training,
            "rounds": f"{min(rounds[0], last)}-{last}",
            "trials": min(experiment.trials, scale.trials or experiment.trials),
            "replicates": min(experiment.replicates, scale.replicates or experiment.replicates),
        }
    )


def scaled_training(experiment: Experiment, scale: Scale) -> Training:
    """Return how `experiment` is trained at `scale`; its schedule shrinks with its iterations."""
    published = experiment.training
    if published.iterations == 0:
        return published
    every = scale.evaluate_every or published.evaluate_every
    iterations = published.iterations
    if scale.iterations < 1:
        # Whole evaluations, so that runs of one scale can be compared at each.
        iterations = max(1, round(iterations * scale.iterations / every)) * every
    if scale.flops is not None:
        network = experiment.architecture.model_dump()
        one = FLOPS_TRAINING * multiply_adds(network) * published.batch_size
        iterations = min(iterations, max(2, int(scale.flops / one)))
    every = min(every, iterations)
    training = published.model_copy(update={"iterations": iterations, "evaluate_every": every})
    share = iterations / published.iterations
    drops = {min(max(1, round(drop * share)), iterations - 1) for drop in published.drops}
    return training.model_copy(
        update={"warmup": round(published.warmup * share), "drops": sorted(drops)}
    )


def at_iteration(iteration: int, published: Training, training: Training) -> int:
    """Return the evaluated iteration of `training` that corresponds to one of `published`."""
    if iteration == published.iterations:
        return training.iterations
    share, every = training.iterations / published.iterations, training.evaluate_every
    return min(max(1, round(iteration * share / every)) * every, training.iterations)


def evenly(items: Sequence[T], at_most: int | None) -> list[T]:
    """Return at most `at_most` of `items`, evenly spread, first and last among them."""
    if at_most is None or len(items) <= at_most:
        return list(items)
    if at_most == 1:
        return [items[-1]]
    step = (len(items) - 1) / (at_most - 1)
    return [items[round(index * step)] for index in range(at_most)]


def dropped_points(raw: Mapping[str, Raw], scale: Scale) -> set[str]:
    """Return the sweep points that `scale` leaves out."""
    sweeps: dict[str, list[str]] = {}
    for name, entry in raw.items():
        if entry.sweep is not None:
            sweeps.setdefault(entry.sweep, []).append(name)
    kept = {name for points in sweeps.values() for name in evenly(points, scale.sweep_points)}
    return {name for points in sweeps.values() for name in points} - kept
