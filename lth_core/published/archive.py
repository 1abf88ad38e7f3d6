"""The manifests behind the published tables of a scale, in one file instead of hundreds.

Each row of results/published/SCALE/manifests.parquet is the path and the exact text of a
manifest, so that its digest can be computed again.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from lth_core.tables.parquet import write_table

PUBLISHED = Path("results/published")
NAME = "manifests.parquet"


def read_archive(path: Path) -> dict[str, bytes]:
    """Return the bytes of each manifest by path; nothing where there is no file."""
    if not path.is_file():
        return {}
    table = pd.read_parquet(path)
    return {name: text.encode() for name, text in zip(table["path"], table["text"], strict=True)}


def write_archive(path: Path, manifests: Mapping[str, bytes]) -> None:
    """Write manifests, in order of their paths."""
    rows = [(name, manifests[name].decode()) for name in sorted(manifests)]
    write_table(pd.DataFrame(rows, columns=["path", "text"]), path)


def archive_of(file: Path) -> Path | None:
    """Return the archive that a published file belongs to: the nearest in a folder above it."""
    found = (folder / NAME for folder in file.resolve().parents)
    return next((path for path in found if path.is_file()), None)
