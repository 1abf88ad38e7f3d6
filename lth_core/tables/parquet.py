"""Writes tables: the same rows give the same bytes."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lth_core.files import atomic_path, sha256_file


def write_table(table: pd.DataFrame, path: Path) -> str:
    """Write `table` (no index) to `path` atomically and return the sha256 of the file."""
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    with atomic_path(path) as temporary:
        pq.write_table(arrow.replace_schema_metadata(None), temporary, compression="zstd")
    return sha256_file(path)


def environment() -> dict[str, str]:
    """Return the versions that a table's bytes may depend on."""
    return {"pandas": pd.__version__, "pyarrow": pa.__version__}
