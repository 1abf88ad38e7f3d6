"""Reads the YAML files of `config/`."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from lth_core.config.errors import ConfigError

# Where YAML's own words name no remedy: a part of them, and what is usually behind it.
_USUALLY = {
    "mapping values are not allowed": "text with a colon and a space needs quotes; keys of a block"
    " need the same indentation",
    "did not find expected key": "keys of a block need the same indentation; a quote inside text in"
    " quotes is written twice",
    "cannot start any token": "a tab? YAML is indented with spaces; text that starts with @, % or `"
    " needs quotes",
    "did not find expected ','": "a comma or a closing bracket is missing",
    "unexpected end of stream": "a closing quote is missing",
    "undefined alias": "text that starts with * needs quotes",
    "alphabetic or numeric": "text that starts with & or * needs quotes",
    "could not determine a constructor": "text that starts with ! needs quotes",
}


class _Loader(yaml.CSafeLoader):
    """A safe loader of values that mean what they look like, and of keys as they are written.

    YAML 1.1 reads `1:28` as 88, `017` as 15 and `no` as false. Here these are text, which no number
    may be, and `1e-3` is a number. A key given twice is refused.
    """


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    # A longer one is a float: it would not be exact everywhere, and nothing counts so far.
    ("int", r"[-+]?(0|[1-9][0-9]{0,14})", "-+0123456789"),
    (
        "float",
        r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?",
        "-+.0123456789",
    ),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), list(_first)
    )


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        problem = ""
        if not isinstance(key, yaml.ScalarNode):
            problem = "a key should be text"
        elif key.value in seen and key.tag != "tag:yaml.org,2002:merge":
            problem = f"the key {key.value!r} is given twice"
        if problem:
            raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
        seen.add(key.value)
    loader.flatten_mapping(node)
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping in the YAML file at `path`.

    Raises ConfigError, with file and line, where it isn't YAML or not a mapping.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    return mapping_in(text, path)


def mapping_in(text: bytes, path: Path) -> dict[str, Any]:
    """Return the mapping in the text of a YAML file, which is or will be at `path`.

    Raises ConfigError, as `read_mapping`.
    """
    try:
        value = yaml.load(text, _Loader)  # noqa: S506 (a safe loader)
    except yaml.reader.ReaderError as error:
        raise ConfigError(f"{path}: {error.reason}: save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = str(getattr(error, "problem", error))
        remedies = [f" ({remedy})" for part, remedy in _USUALLY.items() if part in problem]
        raise ConfigError(f"{path}{line}: {problem}{''.join(remedies)}") from None
    except ValueError as error:  # of a tag such as !!int
        raise ConfigError(f"{path}: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(
            f"{path}: should be a mapping of keys to values (`key: value`, with a space), found"
            f" {value!r}"
        )
    return value


def named_files(folder: Path) -> dict[str, Path]:
    """Return the YAML files of `folder`, but not hidden ones, by their names without the ending."""
    paths = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("."))
    return {path.stem: path for path in paths}


def check_all_are_read(folder: Path, read: Collection[Path]) -> None:
    """Refuse YAML files below `folder` that are not among those that are `read`, by name.

    Hidden ones, such as the locks of an editor, are passed over.
    """
    stray = [
        f"{path}: is not read: files that are read end in .yaml, and lie where the table"
        " in config/README.md says"
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (".yaml", ".yml")
        and path not in read
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    if stray:
        raise ConfigError("\n".join(stray))
