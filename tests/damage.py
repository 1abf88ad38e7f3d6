"""What may lie where a manifest should: something else, or a manifest that is not whole."""

import json
from collections.abc import Callable
from typing import Any

Damage = Callable[[bytes], bytes]
KEYS = ("manifest", "kind", "settings", "code", "inputs", "outputs")


def _always(text: str) -> Damage:
    return lambda whole: text.encode("latin-1")


def _without(key: str) -> Damage:
    return lambda whole: json.dumps(
        {k: v for k, v in json.loads(whole).items() if k != key}
    ).encode()


def _with(key: str, value: Any) -> Damage:
    return lambda whole: json.dumps({**json.loads(whole), key: value}).encode()


_OTHERS = ("", "{", "{}", "[]", "[1]", '[["kind", "dataset"]]', "3", "null", '"a"', "\xff")
# By name, for the tests' own names.
DAMAGE: dict[str, Damage] = {
    "cut off": lambda whole: whole[: len(whole) // 2],
    **{f"{text!r}": _always(text) for text in _OTHERS},
    **{f"without {key}": _without(key) for key in KEYS},
    **{f"{key} is {value}": _with(key, value) for key in KEYS for value in (None, 1.5, [])},
}
