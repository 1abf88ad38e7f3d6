"""Origin of each setting of an experiment: a file, what it extends, a default, the scale."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lth_core.config.experiment_files import WHOLE, Raw, chain, read_raw, resolve
from lth_core.config.files import read_mapping
from lth_core.config.load import Project
from lth_core.config.training import foreign_keys

Keys = tuple[str | int, ...]  # of a place in a file; items of lists by their number
_NOTHING = object()


class Setting(NamedTuple):
    """One key of an experiment, with dots between blocks; its value, and where that is written."""

    key: str
    value: str
    origin: str


def settings(config: Path, project: Project, name: str) -> list[Setting]:
    """Return all settings of the experiment `name` at the project's scale, defaults included.

    config: the folder that `project` was loaded from.
    """
    raw = read_raw(config / "experiments")
    files = {
        key: config / f"{key}s" / f"{named}.yaml"
        for key, named in resolve(name, raw).items()
        if key in ("architecture", "dataset") and isinstance(named, str)
    }
    written = {key: read_mapping(path) for key, path in files.items()}
    experiment = project.experiments[name]
    dataset = project.datasets[experiment.dataset]
    ours = experiment.model_dump(mode="json") | {"dataset": dataset.model_dump(mode="json")}
    published = project.paper_experiments[name].model_dump(mode="json")
    found = []
    for keys, value in _leaves(ours):
        if keys[0] in files:
            there = _has(written[keys[0]], keys[1:])
            origin = str(files[keys[0]]) if there else "default"
        else:
            origin = _written(name, raw, keys)
        if keys[0] != "dataset" and value != (before := _at(published, keys)):
            origin = f"scale {project.config.scale}, published: {_text(before)}"
        found.append(Setting(".".join(map(str, keys)), _text(value), origin))
    return found


def _written(name: str, raw: Mapping[str, Raw], keys: Keys) -> str:
    """Return which experiment of the chain from `name` gives the value at `keys`."""
    for one in chain(name, raw):
        entry = raw[one]
        if _has(entry.settings, keys):
            return str(entry.file) if one == name else f"extends {entry.key} in {entry.file}"
        if _replaces(entry.settings, keys):
            break
    return "default"


def _replaces(written: Mapping[str, Any], keys: Keys) -> bool:
    """Whether `written`, which lacks `keys`, hides what the experiments that it extends say."""
    block = _at(written, keys[:1])
    if not isinstance(block, dict):
        return block is not _NOTHING
    return keys[0] in WHOLE or keys[-1] in foreign_keys(block.get("optimizer"))


def _leaves(value: Any, above: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Yield all that is no block, nor a list of blocks, with the keys that lead there."""
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        inner = below[0] if isinstance(below, list) and below else below
        if isinstance(inner, dict) and below:
            yield from _leaves(below, (*above, key))
        else:
            yield (*above, key), below


def _at(value: Any, keys: Keys) -> Any:
    """Return what stands at `keys`, _NOTHING where they lead nowhere."""
    for key in keys:
        try:
            value = value[key]
        except (IndexError, KeyError, TypeError):
            return _NOTHING
    return value


def _has(value: Any, keys: Keys) -> bool:
    return _at(value, keys) is not _NOTHING


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
