"""The record of something made again: the first one stands while the result is the same.

Manifests name the commit and machine that made something. If each new drawing wrote its own, no
figure in git could ever be drawn again to the same bytes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lth_core.provenance import manifest

_TELLING = (".ipynb", ".yaml")  # inputs that say what is done, as code does


def standing(path: Path, written: Mapping[str, Any], same_code: bool) -> Mapping[str, Any]:
    """Return the manifest at `path` if it records the same result as `written`, else `written`.

    same_code: a record of other code, another notebook or config does not stand, though all
    came out the same.
    """
    if not path.is_file():
        return written
    before = manifest.read(path)
    return before if _result(before, same_code) == _result(written, same_code) else written


def _result(content: Mapping[str, Any], with_code: bool) -> list[Any]:
    inputs = content["inputs"].items()
    return [
        content["kind"],
        content["settings"],
        {name: digest for name, digest in inputs if with_code or not name.endswith(_TELLING)},
        content["outputs"],
        content["code"] if with_code else None,
    ]
