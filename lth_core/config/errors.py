"""Errors in the config, worded for the person who wrote it."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from lth_core.errors import Failure

Model = TypeVar("Model", bound=BaseModel)

_TOLD = 10  # mistakes of a block that are told: an anchor repeats its own
_FEW = 40  # names that are listed


class ConfigError(Failure):
    """A wrong config: the message names file, key, what was found and what would be right."""


class UnknownName(ConfigError):
    """A name of a `what`, such as an experiment, that refers to nothing."""

    def __init__(self, message: str, what: str, name: Any) -> None:
        super().__init__(message)
        self.what = what
        self.name = name


class Errors:
    """The ConfigErrors of several places, raised as one."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._lost: set[tuple[str, str]] = set()
        self._unread: set[str] = set()

    @contextmanager
    def gathered(self, what: str = "", *names: str) -> Iterator[None]:
        """Keep an error of the block instead of raising it, once.

        what: what the block reads, if that has names. names: those that it has; none where the
        block reads a file of them. After an error there, a name that refers to nothing is passed
        over if it is one of these, or may have been in that file.
        """
        try:
            yield
        except ConfigError as error:
            if not self._may_be_lost(error) and str(error) not in self._found:
                self._found.append(str(error))
            self.lose(what, *names)
            if not names:
                self._unread.add(what)

    def lose(self, what: str, *names: str) -> None:
        """Pass over names of a `what` that refer to nothing: they are written, but wrong."""
        self._lost |= {(what, name) for name in names}

    def _may_be_lost(self, error: ConfigError) -> bool:
        return isinstance(error, UnknownName) and (
            error.what in self._unread or (error.what, str(error.name)) in self._lost
        )

    def raise_found(self) -> None:
        """Raise one ConfigError for all that was kept, if anything was."""
        if self._found:
            raise ConfigError("\n".join(self._found))


def unknown_name(
    where: str, found: Any, valid: Iterable[str], what: str, more: str = ""
) -> UnknownName:
    """Return the error for a name that refers to nothing, with the nearest valid name.

    more: said at its end.
    """
    message = f"{where}: no {what} is called {found!r}{_choices(found, valid)}{more}"
    return UnknownName(message, what, found)


def validated(
    model: type[Model], file: Path | str, value: Any, prefix: str = "", also: Sequence[str] = ()
) -> Model:
    """Return the model of what `file` says, at the key `prefix` if given.

    also: keys that the file may have beside the model's. Raises one ConfigError for all that
    pydantic finds wrong.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        lines = []
        # Unknown keys first: what is missing may be what they were meant for.
        for item in sorted(error.errors(), key=lambda item: item["type"] != "extra_forbidden"):
            key, block = _written(model, item["loc"])
            where = ".".join(part for part in [prefix, *key] if part)
            said = [str(file), where, _problem(item, block, also if block is model else ())]
            lines.append(": ".join(part for part in said if part))
        more = [f"{file}: and {len(lines) - _TOLD} more"] if len(lines) > _TOLD else []
        raise ConfigError("\n".join([*lines[:_TOLD], *more])) from None


def _problem(item: Any, block: Any, also: Sequence[str]) -> str:
    kind, found, context = item["type"], item["input"], item.get("ctx", {})
    if kind == "extra_forbidden":
        key = item["loc"][-1]
        homes = [name for name, inner in _fields(block).items() if key in _keys_of(inner)]
        if homes:
            return f"this key is unknown here; it belongs in `{homes[0]}`"
        return f"this key is unknown{_choices(key, [*_fields(block), *also])}"
    if kind == "missing":
        return "this key is missing, and has no default"
    if kind == "union_tag_not_found":
        return f"the key {context['discriminator']} is missing: it says which keys belong here"
    if kind == "union_tag_invalid":
        valid = _quoted(context["expected_tags"])
        return f"{context['discriminator']} is {context['tag']!r}{_choices(context['tag'], valid)}"
    if kind == "literal_error":
        return f"found {found!r}{_choices(found, _quoted(context['expected']))}"
    if kind in ("model_type", "dict_type"):
        return f"found {found!r}: should be a mapping of keys to values"
    if kind in ("int_type", "float_type"):
        return f"found {found!r}: {_number_meant(found, whole=kind == 'int_type')}"
    message = item["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if 1 in (context.get("lt"), context.get("le")) and 1 < found <= 100:
        message += f"; {found} % is written {found / 100}"
    return message if isinstance(found, dict) else f"found {found!r}: {message}"


def _number_meant(found: Any, *, whole: bool) -> str:
    """Say that a number belongs here, and how to write what was found, if that is one."""
    said = "should be a whole number" if whole else "should be a number"
    text = "" if isinstance(found, bool) else re.sub("[_ ]", "", str(found))
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+", text):
        text = text.replace(",", "") if whole else ""  # 1,200 may be meant as 1.2
    text = text.replace(",", ".")
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return said
    if not isfinite(value) or whole and not value.is_integer():
        return said
    return f"{said}; write {int(value) if whole else value}"


def _unpadded(name: str) -> str:
    return re.sub(r"(?<=[a-z])0+(?=\d)", "", name)


def _choices(found: Any, valid: Iterable[str]) -> str:
    names = sorted(valid)
    near = [name for name in names if _unpadded(name) == _unpadded(str(found))]  # fig4: fig04
    near = near or [name for name in names if name.startswith(str(found))]
    near = near or difflib.get_close_matches(str(found), names, n=1, cutoff=0.4)
    hint = f"; did you mean {' or '.join(map(repr, near[:3]))}?" if near else "."
    if near and len(names) > _FEW:
        return hint
    if not names:
        return "."
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return f"{hint} Valid: {', '.join(names[:_FEW])}{more}."


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


def _written(model: Any, path: tuple[int | str, ...]) -> tuple[list[str], Any]:
    """Return the key at pydantic's `path` as the file has it, and the block that holds it.

    In a union pydantic adds the tag that chose the member (`imp`, `conv`) to the path, or where
    there are no tags, what it tried (`float`).
    """
    key: list[str] = []
    block = here = model
    for part in path:
        members = _members(here)
        if len(members) > 1:
            here = next((member for member in members if _has_tag(member, part)), None)
            continue
        key.append(str(part))
        block = members[0]
        here = _inside(block, part)
    return key, block


def _members(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [m for a in get_args(annotation) if a is not NoneType for m in _members(a)]
    return [annotation]


def _has_tag(block: Any, tag: int | str) -> bool:
    return any(tag in get_args(annotation) for annotation in _fields(block).values())


def _inside(annotation: Any, part: int | str) -> Any:
    """Return the type of what lies at `part` of a block, list or mapping."""
    if hasattr(annotation, "model_fields"):
        return _fields(annotation).get(str(part))
    return (get_args(annotation) or (None,))[-1]


def _keys_of(annotation: Any) -> set[str]:
    """Return the keys of a block, or of the members of a union."""
    return {key for member in _members(annotation) for key in _fields(member)}


def _fields(block: Any) -> dict[str, Any]:
    """Return the types of a block's keys, as files have these; none if it is no block."""
    fields = getattr(block, "model_fields", {})
    return {field.alias or name: field.annotation for name, field in fields.items()}
