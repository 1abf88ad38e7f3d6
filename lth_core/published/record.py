"""The record of something made again: the first one stands while the result is the same.

Manifests name the commit, code and machine that made something. If each new drawing wrote its
own, no figure in git could ever be drawn again to the same bytes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lth_core.provenance import manifest

_RESULT = ("kind", "settings", "inputs", "outputs")


def standing(path: Path, written: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the manifest at `path` if it records the same result as `written`, else `written`."""
    if not path.is_file():
        return written
    before = manifest.read(path)
    same = all(before.get(key) == written[key] for key in _RESULT)
    return before if same else written
