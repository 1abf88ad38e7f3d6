"""Reading the YAML files of `config/`."""

from pathlib import Path
from typing import Any

import yaml

from lth_core.config.errors import ConfigError


class _Loader(yaml.CSafeLoader):
    """A safe loader that refuses a key given twice, which YAML would let pass."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} is given twice", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping in the YAML file at `path`, with its keys as text.

    Raises ConfigError, with file and line, where it isn't YAML or not a mapping.
    """
    try:
        with path.open("rb") as file:
            value = yaml.load(file, _Loader)  # noqa: S506 (a safe loader)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: {getattr(error, 'problem', error)}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: should be a mapping of keys to values, found {value!r}")
    return {str(key): item for key, item in value.items()}


def named_files(folder: Path) -> dict[str, Path]:
    """Return the YAML files of `folder` by their names without the ending."""
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
