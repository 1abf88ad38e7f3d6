"""The runs pooled in each point of a figure, written beside its CSV."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

RUN = ["experiment", "round", "trial", "replicate"]
_TYPES = {
    **{"panel": "str", "series": "str", "x": "float64"},
    **{"experiment": "str", "round": "int64", "trial": "int64", "replicate": "int64"},
    **{"quantity": "str", "value": "float64", "iteration": "Int64", "counted": "bool"},
}


def behind(rows: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Return the runs behind points, of which `rows` has experiment, round, trial and replicate.

    columns: panel, series, x, quantity, value, iteration, and whether a run diverged. Such a run,
    and one whose value is not finite, is not counted.
    """
    runs = rows[RUN].assign(**columns)
    return runs.assign(counted=~runs["diverged"] & np.isfinite(runs["value"].astype(float)))


def pooled(rows: pd.DataFrame, quantity: str, panel: str, series: str) -> pd.DataFrame:
    """Return the runs behind a histogram or a map, which takes a tensor of each: no x, no value."""
    place = {"panel": panel, "series": series, "x": np.nan}
    read = {"quantity": quantity, "value": np.nan, "iteration": pd.NA, "diverged": False}
    return behind(rows, **place, **read).assign(counted=True)


def table(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the runs of a whole figure, a row for each run of each point.

    panel, series, x: of the point, as in the CSV. A histogram takes a tensor of each run: its x is
    NaN, which stands for all bins, and so is its value. quantity: what was read, a column of the
    summary, or of the learning curves with its split before it (test_accuracy). iteration: where
    it was measured; missing where it was at none. counted: false for a run that is not in the mean.
    """
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_TYPES))
    return rows[list(_TYPES)].astype(_TYPES)
