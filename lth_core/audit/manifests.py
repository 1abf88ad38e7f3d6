"""Reads manifests and contexts that may be missing, damaged or forged."""

import os
from pathlib import Path, PurePosixPath
from typing import Any

from lth_core.files import sha256_bytes
from lth_core.provenance import manifest

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
    return sha256_bytes(data), manifest.parse(data)


def relative(path: Path, root: Path) -> str:
    """Return `path` as manifests write it: relative to `root`, with forward slashes."""
    return Path(os.path.relpath(path, root)).as_posix()


def is_outside(name: str) -> bool:
    """Return whether a path of a manifest may lead out of the folder that it is relative to."""
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts


def output_file(name: str) -> str:
    """Return the file of an output's name: `fig04.png:pixels` is what fig04.png shows."""
    return name.partition(":")[0]
