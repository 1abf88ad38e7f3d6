"""Reading manifests that may be gone, damaged or forged."""

import json
import os
from pathlib import Path
from typing import Any

from lth_core.files import sha256_bytes

_KEYS: dict[str, type] = {"kind": str, "code": str}
_KEYS |= {key: dict for key in ("settings", "inputs", "outputs", "environment", "source")}

# Digest and content of a manifest, each None where there is none.
Read = tuple[str | None, dict[str, Any] | None]


def read_manifest(path: Path) -> Read:
    """Return digest and content of a manifest; None and None where there is no file.

    The content is None where the file is not a manifest.
    """
    try:
        return parse_manifest(path.read_bytes())
    except OSError:
        return None, None


def parse_manifest(data: bytes) -> Read:
    """Return digest and content of the manifest that `data` is; no content where it is none."""
    try:
        content = json.loads(data)
        whole = all(isinstance(content.get(key), kind) for key, kind in _KEYS.items())
    except (ValueError, AttributeError):
        whole = False
    return sha256_bytes(data), content if whole else None


def is_manifest(name: str) -> bool:
    """Return whether a file is a manifest, by its name: manifest.json or X.manifest.json."""
    return os.path.basename(name).endswith("manifest.json")


def relative(path: Path, root: Path) -> str:
    """Return `path` as manifests write it: relative to `root`, with forward slashes."""
    return Path(os.path.relpath(path, root)).as_posix()


def output_file(name: str) -> str:
    """Return the file of an output's name: `fig04.png:pixels` is what fig04.png shows."""
    return name.partition(":")[0]
