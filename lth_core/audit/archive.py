"""One file with the manifests and contexts behind a scale's published tables.

Each row of results/published/SCALE/manifests.parquet is the path and the exact text of one of
them, so that digests can be computed again.
"""

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


def is_published(path: str) -> bool:
    """Return whether a path, relative to the root, is below the folder of what is published."""
    return path.startswith(f"{PUBLISHED.as_posix()}/")


def archive_of(name: str, root: Path) -> Path | None:
    """Return the archive of the scale that a published manifest belongs to.

    name: its path, relative to the project at `root`. None where it is not published: what lies
    beside other results, whoever put it there, stands for nothing.
    """
    scale, slash, _ = name.removeprefix(f"{PUBLISHED.as_posix()}/").partition("/")
    path = root / PUBLISHED / scale / NAME
    return path if is_published(name) and slash and path.is_file() else None
