"""The metrics file of a job: what its runs measured, as a tidy table."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from lth_core.files import atomic_path
from lth_core.training.record import SPLITS, Record, TrainAccuracy

_WIDTHS: dict[str, type[np.generic]] = {
    **{"round": np.int32, "trial": np.int32, "replicate": np.int32},
    **{"weights": np.int64, "weights_remaining": np.int64},
}


def metrics_table(
    record: Record,
    train: list[list[TrainAccuracy]],
    lanes: list[tuple[int, int]],
    round_: int,
    weights: int,
    weights_remaining: list[int],
) -> pa.Table:
    """Return the tidy metrics of a job: one row a lane, split and measured iteration.

    train: by lane. lanes: (trial, replicate) by lane.
    """
    parts = []
    for lane, (trial, replicate) in enumerate(lanes):
        constant = {
            "round": round_,
            "trial": trial,
            "replicate": replicate,
            "weights": weights,
            "weights_remaining": weights_remaining[lane],
        }
        for index, split in enumerate(SPLITS):
            loss, accuracy = record.loss[:, lane, index], record.accuracy[:, lane, index]
            parts.append(_rows(constant, split, record.iterations, loss, accuracy))
        parts.append(
            _rows(
                constant,
                "train",
                np.array([row.iteration for row in train[lane]]),
                np.array([row.loss for row in train[lane]]),
                np.array([row.accuracy for row in train[lane]]),
            )
        )
    return pa.concat_tables(parts)


def write_metrics(table: pa.Table, path: Path) -> None:
    """Write the table of `metrics_table` as parquet, atomically."""
    with atomic_path(path) as temporary:
        parquet.write_table(table, temporary, compression="zstd")


def _rows(
    constant: dict[str, int],
    split: str,
    iterations: np.ndarray,
    loss: np.ndarray,
    accuracy: np.ndarray,
) -> pa.Table:
    rows = len(iterations)
    columns = {
        name: _column(np.full(rows, value), _WIDTHS[name]) for name, value in constant.items()
    }
    columns["iteration"] = _column(iterations, np.int32)
    columns["split"] = _words(split, rows)
    columns["loss"] = _column(loss, np.float64)
    columns["accuracy"] = _column(accuracy, np.float64)
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


# `pa.array` and `pa.scalar` would import pandas, which takes half a second.
def _column(values: np.ndarray, dtype: type[np.generic]) -> pa.Array:
    """Return an array of numbers without nulls."""
    data = np.ascontiguousarray(values, dtype)
    kind = pa.from_numpy_dtype(data.dtype)
    return pa.Array.from_buffers(kind, len(data), [None, pa.py_buffer(data)])


def _words(word: str, rows: int) -> pa.Array:
    """Return an array that repeats a word."""
    text = word.encode()
    ends = np.arange(rows + 1, dtype=np.int32) * np.int32(len(text))
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), pa.py_buffer(text * rows))
