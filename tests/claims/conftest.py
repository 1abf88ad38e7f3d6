"""Hand-made tables of made-up experiments."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest

from lth_core.claims.tables import Tables

Make = Callable[..., Tables]
# Percent remaining of rounds 0 to 5.
SIZES = (100.0, 80.0, 64.0, 51.2, 41.0, 32.8)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A function that writes tables and returns what reads them.

    Each experiment is given as trials by sizes of one measure, test accuracy at early stop as
    a share unless said otherwise, or as a table of its own.
    """

    def tables(
        experiments: Mapping[str, Sequence[Sequence[float]] | pd.DataFrame],
        y: str = "test_accuracy_at_early_stop",
        curves: Mapping[str, pd.DataFrame] | None = None,
        histograms: Mapping[str, pd.DataFrame] | None = None,
        first_round: Mapping[str, int] | None = None,
        sizes: Sequence[float] = SIZES,
    ) -> Tables:
        for name, values in experiments.items():
            first = (first_round or {}).get(name, 0)
            table = values if isinstance(values, pd.DataFrame) else _runs(values, y, first, sizes)
            _write(table, tmp_path / name / "summary.parquet")
        for name, table in (curves or {}).items():
            _write(table, tmp_path / name / "curves.parquet")
        for name, table in (histograms or {}).items():
            _write(table, tmp_path / name / "by_trial.parquet")
        folders = {name: tmp_path / name for name in (*experiments, *(histograms or {}))}
        return Tables(folders, folders, list(folders))

    return tables


def _runs(
    values: Sequence[Sequence[float]], y: str, first_round: int, sizes: Sequence[float]
) -> pd.DataFrame:
    """Return a summary with one measure; values: trials by sizes."""
    return pd.DataFrame(
        [
            {
                "round": round_,
                "trial": trial,
                "replicate": 0,
                "percent_remaining": sizes[round_],
                "weights_remaining": int(sizes[round_] * 1000),
                "iterations": 1000,
                y: value,
            }
            for trial, row in enumerate(values)
            for round_, value in enumerate(row, start=first_round)
        ]
    )


def _write(table: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    table.to_parquet(path)
