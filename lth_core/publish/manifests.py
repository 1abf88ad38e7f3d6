"""Reads published manifests, which git has."""

from pathlib import Path
from typing import Any

from lth_core.errors import Failure
from lth_core.provenance import manifest


def read_published(path: Path) -> dict[str, Any]:
    """Return the published manifest at `path`. Raises Failure where it is damaged."""
    try:
        return manifest.read(path)
    except manifest.NoManifest as error:
        raise Failure(f"{error}; get it back with `git checkout {path}`.") from None
