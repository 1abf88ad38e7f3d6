"""The manifest of a job: its settings, inputs and outputs.

Manifests form a Merkle graph: each names the digests of the manifests it was built on, down to
the data set. They hold content alone. Which machine, which versions and which commit made it
is context, written beside each manifest (lth_core/provenance/context.py): the same work gives the
same bytes here, wherever and whenever it is done, so that nothing built on it is stale.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lth_core.errors import Failure
from lth_core.files import sha256_bytes, write_bytes

NAME = "manifest.json"
_VERSION = 2
_KEYS: dict[str, type] = {"manifest": int, "kind": str, "settings": dict, "code": str}
_KEYS |= {"inputs": dict, "outputs": dict}


class NoManifest(Failure, ValueError):
    """A file is no manifest, or a damaged one."""


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of `value`: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(value: Any) -> str:
    """Return the sha256 of the canonical JSON of `value`."""
    return sha256_bytes(canonical_json(value))


def build(
    kind: str,
    settings: Mapping[str, Any],
    code: str,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    **details: Any,
) -> dict[str, Any]:
    """Return the manifest of one job.

    kind: module of lth_core/jobs, and rule. settings: the job itself. code: fingerprint of the
    modules that computed it. inputs: digests of the manifests that it was built on, and of other
    files that it read, by path. outputs: digests of what was written, by file name.
    """
    return {
        "manifest": _VERSION,
        "kind": kind,
        "settings": dict(settings),
        "code": code,
        "inputs": dict(sorted(inputs.items())),
        "outputs": dict(sorted(outputs.items())),
        **details,
    }


def to_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return the text of a manifest's file."""
    return json.dumps(manifest, sort_keys=True, indent=1, allow_nan=False).encode() + b"\n"


def write(path: Path, manifest: Mapping[str, Any]) -> str:
    """Write `manifest` atomically and return the digest of the file."""
    data = to_bytes(manifest)
    write_bytes(path, data)
    return sha256_bytes(data)


def read(path: Path) -> dict[str, Any]:
    """Read the manifest at `path`. Raises NoManifest where it is none, or damaged, and OSError."""
    content = parse(path.read_bytes())
    if content is None:
        raise NoManifest(f"{path} is no manifest, or damaged")
    return content


def parse(data: bytes) -> dict[str, Any] | None:
    """Return the manifest that `data` is; None where it is none, or damaged."""
    content = parse_mapping(data, _KEYS)
    return content if content and content["manifest"] == _VERSION else None


def parse_mapping(data: bytes, keys: Mapping[str, type]) -> dict[str, Any] | None:
    """Return the JSON mapping that `data` is; None where it lacks any of `keys`, of these types."""
    try:
        content = json.loads(data)
    except ValueError:
        return None
    whole = isinstance(content, dict) and all(
        isinstance(content.get(key), type_) for key, type_ in keys.items()
    )
    return content if whole else None


def is_manifest(name: str) -> bool:
    """Return whether a file is a manifest, by its name: manifest.json or X.manifest.json."""
    return name.rpartition("/")[2].endswith(NAME)
