"""Saves a figure and its numbers: the same figure gives the same bytes."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from lth_core.figures.style import DPI
from lth_core.tables.parquet import write_table


def save(
    figure: Figure, numbers: pd.DataFrame, runs: pd.DataFrame, name: str, folder: str | None
) -> None:
    """Write name.png, .svg, .csv and .runs.parquet to `folder`; nothing where none is given."""
    if folder is None:
        return
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path.with_suffix(".png"), dpi=DPI, metadata={"Software": None})
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    numbers.to_csv(
        path.with_suffix(".csv"),
        index=False,
        float_format="%.10g",
        lineterminator="\n",
        encoding="utf-8",
    )
    write_table(runs, path.with_suffix(".runs.parquet"))
