"""Errors in the config, worded for the person who wrote it."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError


class ConfigError(ValueError):
    """A wrong config: the message names file, key, what was found and what would be right."""


def unknown_name(where: str, found: Any, valid: Iterable[str], what: str) -> ConfigError:
    """Return the error for a name that refers to nothing, with the nearest valid name."""
    names = sorted(valid)
    near = difflib.get_close_matches(str(found), names, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return ConfigError(f"{where}: no {what} is called {found!r}{hint} There are: {_listed(names)}.")


def from_validation(file: Path, prefix: str, error: ValidationError, model: Any) -> ConfigError:
    """Return one ConfigError for all that pydantic found wrong in a block of `file`."""
    lines = []
    for item in error.errors():
        parts = [str(part) for part in item["loc"]]
        key = ".".join(part for part in [prefix, *parts] if part)
        lines.append(f"{file}: {key}: {_problem(item, parts, model)}")
    return ConfigError("\n".join(lines))


def _problem(item: Any, parts: list[str], model: Any) -> str:
    if item["type"] == "extra_forbidden":
        valid = _keys_of(model, parts[:-1])
        near = difflib.get_close_matches(parts[-1], valid, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"this key is unknown{hint}" + (f" Valid keys: {_listed(valid)}." if valid else "")
    if item["type"] == "missing":
        return "this key is missing, and has no default"
    message = item["msg"].removeprefix("Value error, ")
    found = item["input"]
    shown = "" if isinstance(found, dict) else f"found {found!r}: "
    return f"{shown}{message[0].lower()}{message[1:]}"


def _keys_of(model: Any, path: list[str]) -> list[str]:
    """Return the valid keys of the block at `path` inside `model`, or none if it has no model."""
    for part in path:
        field = getattr(model, "model_fields", {}).get(part)
        candidates = _models_in(field.annotation) if field else _models_in_union(model, part)
        if len(candidates) != 1:
            return sorted({key for c in candidates for key in c.model_fields})
        model = candidates[0]
    return sorted(getattr(model, "model_fields", {}))


def _models_in_union(model: Any, tag: str) -> list[Any]:
    return [model] if hasattr(model, "model_fields") else []


def _models_in(annotation: Any) -> list[Any]:
    if hasattr(annotation, "model_fields"):
        return [annotation]
    found: list[Any] = []
    for argument in getattr(annotation, "__args__", ()):
        found += _models_in(argument)
    return found


def _listed(names: list[str]) -> str:
    shown = names[:40]
    return ", ".join(shown) + (f" and {len(names) - 40} more" if len(names) > 40 else "")
