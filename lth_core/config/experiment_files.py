"""Reads the experiment files: `extends` and sweeps."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth_core.config.architecture import Architecture
from lth_core.config.errors import ConfigError, Errors, unknown_name, validated
from lth_core.config.experiment import Experiment
from lth_core.config.files import named_files, read_mapping
from lth_core.config.training import foreign_keys

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
