"""Checks that claims fit the config: figures, experiments, architectures, settings, histograms."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lth_core.config.block import Block
from lth_core.config.claim_files import SOURCES, TABLE, claim_file, load_claims
from lth_core.config.claims import NAMING, Claim, is_pattern, matching
from lth_core.config.config_estimators import Setting, WeightCount
from lth_core.config.errors import ConfigError, Errors, unknown_name
from lth_core.config.estimators import parts_of
from lth_core.config.histogram_estimators import OfHistogram
from lth_core.config.histograms import SPLIT, check_is_run, layers_of
from lth_core.config.measured import REACH, Measured
from lth_core.pruning.count import keep_after_rounds, weights_remaining
from lth_core.words import plural

if TYPE_CHECKING:
    from lth_core.config.experiment import Experiment
    from lth_core.config.load import Project


def checked_claims(config: Path, project: "Project") -> dict[str, Mapping[str, Claim]]:
    """Return the claims of all sources by id, which only name what there is.

    Raises one ConfigError for all files in which something is wrong.
    """
    errors, found = Errors(), {}
    for source in SOURCES:
        with errors.gathered():
            found[source] = load_claims(config / source)
            check_claims(project, config / source)
    errors.raise_found()
    return found


def check_claims(project: "Project", folder: Path) -> None:
    """Refuse claims of `folder` (config/paper) about what the config does not have."""
    names, errors = [*project.paper_experiments, *project.xor.experiments], Errors()
    for claim in load_claims(folder).values():
        where = f"{claim_file(folder, claim.id)}: {claim.id}"
        for figure in claim.figures:
            with errors.gathered():
                if figure not in project.figures:
                    table = f"{folder / TABLE}: {claim.id}: figure"
                    raise unknown_name(table, figure, project.figures, "figure")
        for pattern in claim.experiments:
            with errors.gathered():
                if not matching([pattern], names):
                    raise unknown_name(where, pattern, names, "experiment")
        for number, check in enumerate(claim.entry.checks):
            place = f"{where}.checks.{number}.statistic"
            with errors.gathered():
                _check_patterns(place, check.statistic)
            for statistic in parts_of(check.statistic):
                with errors.gathered():
                    _check_statistic(place, statistic, project)
    errors.raise_found()


def _check_patterns(where: str, statistic: Block) -> None:
    """Refuse patterns that would stand for one experiment."""
    for key, name in _single_names(statistic):
        if is_pattern(name) and key != "experiment":
            raise ConfigError(
                f"{where}.{key}: found the pattern {name!r}, should be one experiment; patterns"
                " can stand in `experiments`, `rest` and the check's own `experiment`"
            )


def _single_names(block: Block, above: str = "") -> Iterator[tuple[str, str]]:
    """Yield the keys, with dots, that name one experiment each, and the names."""
    for key, value in block:
        if key in NAMING and isinstance(value, str):
            yield f"{above}{key}", value
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Block):
                yield from _single_names(item, f"{above}{key}.")


def _check_statistic(where: str, statistic: Any, project: "Project") -> None:
    if isinstance(statistic, WeightCount):
        _check_count(where, statistic, project)
    experiments = project.paper_experiments
    patterns = [getattr(statistic, "experiment", ""), *getattr(statistic, "experiments", ())]
    for name in matching(patterns, list(experiments)):
        if isinstance(statistic, Setting):
            _check_setting(where, statistic, name, experiments[name])
        elif isinstance(statistic, OfHistogram):
            _check_histogram(where, statistic, name, experiments[name])
        elif isinstance(statistic, Measured):
            _check_size(where, statistic, name, experiments[name])


def _check_size(where: str, statistic: Any, name: str, experiment: "Experiment") -> None:
    """Refuse a size that iterative pruning does not reach, or an unknown round."""
    key = "size" if hasattr(statistic, "size") else "sizes"
    size = getattr(statistic, key, None)
    ends = size if isinstance(size, tuple) else () if size is None else (size,)
    rounds = experiment.round_range
    if statistic.x == "round":
        for end in ends:
            check_is_run(f"{where}.{key}", int(end), name, experiment)
    elif ends and statistic.x == "percent" and experiment.arm.mask.source == "imp":
        layers, pruning = experiment.architecture.weight_layers, experiment.pruning
        keep = keep_after_rounds(pruning.rates, rounds[-1])
        kept = weights_remaining(layers, keep, pruning.scope)
        left = 100 * kept / sum(layer.size for layer in layers)
        if REACH * min(ends) < left:
            raise ConfigError(
                f"{where}.{key}: found {min(ends):g} %, but {name} ends after {rounds[-1]} rounds"
                f" with {left:.3g} %"
            )


def _check_count(where: str, statistic: WeightCount, project: "Project") -> None:
    """Refuse weights of an unknown architecture or layer."""
    known, name, place = project.architectures, statistic.architecture, statistic.layer
    if name not in known:
        raise unknown_name(f"{where}.architecture", name, known, "architecture")
    count = sum(layer.kind in statistic.kinds for layer in known[name].weight_layers)
    if place is not None and not -count <= place < count:
        raise ConfigError(
            f"{where}.layer: found {place}, but {name} has {count} {plural('layer', count)} of"
            " these kinds, numbered from 0"
        )


def _check_setting(where: str, statistic: Setting, name: str, experiment: "Experiment") -> None:
    """Refuse a key that is no number."""
    numbers = list(_numbers(experiment))
    if statistic.key not in numbers:
        raise unknown_name(f"{where}.key: {name}", statistic.key, numbers, "number")


def _numbers(block: Block, above: str = "") -> Iterator[str]:
    """Yield the keys of numbers in a block, with dots."""
    for key, value in block:
        if isinstance(value, Block):
            yield from _numbers(value, f"{above}{key}.")
        elif type(value) in (int, float):
            yield f"{above}{key}"


def _check_histogram(
    where: str, statistic: OfHistogram, name: str, experiment: "Experiment"
) -> None:
    """Refuse a histogram of an unknown layer, group or round."""
    layers = layers_of(statistic.quantity, experiment.architecture.weight_layers)
    if statistic.layer not in layers:
        raise unknown_name(f"{where}.layer: {name}", statistic.layer, layers, "layer")
    if (statistic.group != "") != (statistic.quantity in SPLIT):
        raise ConfigError(
            f"{where}.group: belongs to the quantities {' and '.join(SPLIT)}, and only there; found"
            f" {statistic.quantity}"
        )
    for key in ("round", "other_round"):
        check_is_run(f"{where}.{key}", getattr(statistic, key, statistic.round), name, experiment)
