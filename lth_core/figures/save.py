"""Saves a figure and its numbers: the same figure gives the same bytes."""

from io import BytesIO
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

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
    _save_png(figure, path.with_suffix(".png"))
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    numbers.to_csv(
        path.with_suffix(".csv"),
        index=False,
        float_format="%.10g",
        lineterminator="\n",
        encoding="utf-8",
    )
    write_table(runs, path.with_suffix(".runs.parquet"))


def _save_png(figure: Figure, path: Path) -> None:
    """Write a PNG of 256 colours, half the size or less: results/published holds many of them."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    with Image.open(drawn) as image:
        # No colour is far from that drawn; a step of k-means makes the frequent ones exact.
        colours = image.convert("RGB").quantize(
            256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
        )
    colours.save(path, dpi=(DPI, DPI))
