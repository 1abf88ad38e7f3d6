"""One file with the manifests and contexts behind a scale's published tables.

Each row of results/published/SCALE/manifests.parquet is the path and the exact text of one of
them, so that digests can be computed again.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa

from lth_core.errors import Failure
from lth_core.tables.parquet import write_table

PUBLISHED = Path("results/published")
NAME = "manifests.parquet"


def read_archive(path: Path) -> dict[str, bytes]:
    """Return the bytes of each file by path; nothing where there is no archive.

    Raises Failure where it is damaged.
    """
    if not path.is_file():
        return {}
    try:
        table = pd.read_parquet(path, columns=["path", "text"])
    except (pa.ArrowException, OSError):
        raise Failure(
            f"{path} cannot be read: cut off or damaged. `git checkout {PUBLISHED}` restores it."
        ) from None
    return {name: text.encode() for name, text in zip(table["path"], table["text"], strict=True)}


def write_archive(path: Path, files: Mapping[str, bytes]) -> None:
    """Write files, in order of their paths."""
    rows = [(name, files[name].decode()) for name in sorted(files)]
    write_table(pd.DataFrame(rows, columns=["path", "text"]), path)


def archive_of(file: Path) -> Path | None:
    """Return the archive that a published file belongs to: the nearest in a folder above it."""
    found = (folder / NAME for folder in Path(os.path.abspath(file)).parents)
    return next((path for path in found if path.is_file()), None)
