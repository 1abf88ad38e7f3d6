"""Finds the runs behind a drawn point, as recorded with the figure."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from lth_core.audit.graph import Node
from lth_core.audit.points import NoSuchPoint, Point
from lth_core.tables.columns import MEASURES

_PRECISION = 1e-8  # of the numbers in a CSV
_OF_CURVES = ("validation_accuracy", "validation_loss", "test_accuracy", "test_loss")


class Reading(NamedTuple):
    """What a point takes from one run.

    quantity: a column of the summary, or of the learning curves with its split before it. value:
    None in histograms, which take a whole tensor. iteration: at which it was measured, None where
    it says nothing. counted: false for a diverged run.
    """

    experiment: str
    round: int
    trial: int
    replicate: int
    quantity: str
    value: float | None
    iteration: int | None
    counted: bool

    @property
    def of_curve(self) -> bool:
        """Whether it was read from the learning curves."""
        return self.quantity in _OF_CURVES


def readings(point: Point, figure: Node, root: Path) -> list[Reading]:
    """Return what a point was made of, a reading for each run, in the order of its lines.

    Raises NoSuchPoint where the figure names none.
    """
    written = next((f for f in figure.outputs if f.name.endswith(".runs.parquet")), None)
    if written is None:
        raise NoSuchPoint(f"{figure.path}: it names no table of the runs behind the figure")
    if not root.joinpath(written.path).is_file():
        raise NoSuchPoint(f"{figure.path}: {written.path} is gone")
    runs = pd.read_parquet(root / written.path)
    there = runs["x"].isna() | np.isclose(runs["x"], point.x, rtol=_PRECISION, atol=0)
    rows = runs[(runs["panel"] == point.panel) & (runs["series"] == point.series) & there]
    if rows.empty:
        raise NoSuchPoint(f"{figure.path}: its table of runs has none at {point.series}")
    known = rows[list(Reading._fields)].astype({"iteration": "Int64"}).astype(object)
    return [Reading(*row) for row in known.where(known.notna(), None).itertuples(index=False)]


def in_table(read: Sequence[Reading], folder: Path) -> bool | None:
    """Return whether a table has the values that were read; None where it has no such column."""
    table = _column(read[0], folder)
    if table is None:
        return None
    runs = pd.DataFrame(read).drop(columns=["experiment"])
    both = runs.merge(table, on=[name for name in table if name != "recorded"], how="left")
    drawn, recorded = both["value"].astype(float), both["recorded"].astype(float)
    return bool(np.array_equal(drawn, recorded, equal_nan=True))


def _column(reading: Reading, folder: Path) -> pd.DataFrame | None:
    """Return what was read of all runs of a table: round, trial, replicate, ..., recorded."""
    keys, column = ["round", "trial", "replicate"], reading.quantity
    of_runs = MEASURES[column].table if column in MEASURES else "summary"
    path = folder / f"{'curves' if reading.of_curve else of_runs}.parquet"
    if not path.is_file():
        return None
    table = pd.read_parquet(path)
    if reading.of_curve:
        split, _, column = reading.quantity.partition("_")
        keys, table = [*keys, "iteration"], table[table["split"] == split]
    if "replicate" not in table:  # XOR
        table = table.assign(replicate=0)
    # A run may be compared with several experiments; a reading does not say with which.
    if column not in table or "reference" in table:
        return None
    return table[[*keys, column]].rename(columns={column: "recorded"})
