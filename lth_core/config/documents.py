"""The reference of all keys, config/REFERENCE.md, made from the JSON schemas."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lth_core.config.schema import schemas
from lth_core.files import write_bytes

REFERENCE = "REFERENCE.md"
_HEAD = """\
<!-- Written by `lth docs`; edit the descriptions in lth_core/config/. -->

# Every key of the config

What the files are for: [README.md](README.md). A key without a default (–) must be given, in an
experiment either there or by what it `extends`.

"""
TITLES = {
    "config": "config.yaml",
    "scale": "scales/*.yaml",
    "architecture": "architectures/*.yaml",
    "dataset": "datasets/*.yaml",
    "experiments": "experiments/*.yaml",
    "xor": "xor.yaml",
    "axes": "axes.yaml",
    "figures": "figures/*.yaml",
    "claims": "paper/claims/*.yaml, peers/claims/*.yaml",
}

Schema = dict[str, Any]


def documents(folder: Path) -> dict[Path, str]:
    """Return what the reference and the schemas below `folder` should hold, by path."""
    files = {folder / REFERENCE: _HEAD + reference()}
    for kind, schema in schemas().items():
        path = folder / "schemas" / f"{kind}.schema.json"
        files[path] = json.dumps(schema, indent=1) + "\n"
    return files


def write_documents(texts: Mapping[Path, str]) -> list[Path]:
    """Bring documents up to date and return those that changed."""
    changed = []
    for path, text in texts.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_bytes(path, text.encode())
            changed.append(path)
    return changed


def reference() -> str:
    """Return the reference as Markdown: a table of keys for each block of each kind of file."""
    parts, done = [], set()
    for kind, schema in schemas().items():
        blocks = schema.get("$defs", {})
        # A file of things by name has no keys of its own: its blocks are these things'.
        names = list(_references(schema.get("additionalProperties", {})))
        parts.append(f"## {TITLES[kind]}\n")
        for root in [blocks[name] for name in names] or [schema]:
            for block in _blocks(root, blocks, {"Point"}):  # its keys are an experiment's
                if block["title"] not in done:
                    done.add(block["title"])
                    parts.append(_table(block))
    return "\n".join(parts)


def _blocks(block: Schema, blocks: dict[str, Schema], passed: set[str]) -> Iterator[Schema]:
    """Yield `block`, then the blocks that it refers to, in the order of its keys, each once.

    passed: names of blocks not to go into; those that are yielded are added.
    """
    yield block
    for name in dict.fromkeys(_references(block["properties"])):
        if name not in passed:
            passed.add(name)
            yield from _blocks(blocks[name], blocks, passed)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rsplit("/", 1)[1]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _references(item)


def _table(block: Schema) -> str:
    lines = [f"### {block['title']}\n", _one_line(block["description"]) + "\n"]
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, value in block["properties"].items():
        # Only the keys by which the members of a union are told apart have no description.
        meaning = _one_line(value.get("description", "Selects this block."))
        lines.append(f"| `{key}` | {_type(value)} | {_default(value)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _default(value: Schema) -> str:
    if "default" not in value:
        return "–"
    default = value["default"]
    if isinstance(default, dict) and default:
        return "its own defaults"
    return f"`{json.dumps(default)}`"


def _type(value: Schema) -> str:
    """Return the type of a key in words."""
    alternatives = value.get("anyOf", value.get("oneOf"))
    if alternatives:
        return " or ".join(_type(item) for item in alternatives)
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[1]
        return "the keys to change" if name == "Point" else f"[{name}](#{name.lower()})"
    if "const" in value or "enum" in value:
        return ", ".join(f"`{item}`" for item in value.get("enum", [value.get("const")]))
    if isinstance(value["type"], list):
        return " or ".join(value["type"])
    if value["type"] == "array" and "prefixItems" in value:
        return ", ".join(_type(item) for item in value["prefixItems"]).join("[]")
    if value["type"] == "array":
        return f"list of {_type(value['items'])}"
    if value["type"] == "object" and value["additionalProperties"] is True:
        return "mapping"
    if value["type"] == "object":
        return f"names, each with {_type(value['additionalProperties'])}"
    return value["type"] + _bounds(value)


def _bounds(value: Schema) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {value[key]:g}" for key, sign in signs.items() if key in value]
    return " " + ", ".join(bounds) if bounds else ""


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
