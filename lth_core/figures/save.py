"""Saves a figure and its numbers: the same figure gives the same bytes."""

import re
from io import BytesIO, StringIO
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from lth_core.figures.style import DPI
from lth_core.tables.parquet import write_table

# A group of markers or of bars, and the look that each of them carries.
_GROUP = re.compile(r"<g([^<>]*)>([^<>]*(?:<(?:use|path) [^<>]*/>[^<>]*){2,})</g>")
_LOOK = re.compile(r'((?: clip-path="[^"]*")?(?: style="[^"]*")?)/>')


def save(
    figure: Figure, numbers: pd.DataFrame, runs: pd.DataFrame, name: str, folder: str | None
) -> None:
    """Write name.png, .svg, .csv and .runs.parquet to `folder`; nothing where none is given."""
    if folder is None:
        return
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    _save_png(figure, path.with_suffix(".png"))
    _save_svg(figure, path.with_suffix(".svg"))
    numbers.to_csv(
        path.with_suffix(".csv"),
        index=False,
        float_format="%.10g",
        lineterminator="\n",
        encoding="utf-8",
    )
    write_table(runs, path.with_suffix(".runs.parquet"))


def _save_svg(figure: Figure, path: Path) -> None:
    """Write an SVG, a third smaller: short coordinates, and what a group shares stands once."""
    drawn = StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    # Of level text, which is turned by -0 degrees.
    text = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", drawn.getvalue())
    text = re.sub(r' (?:d|x|y)="[^"]*"', lambda place: _rounded(place[0]), text)
    path.write_text(_GROUP.sub(_shared, text), encoding="utf-8")


def _shared(group: re.Match[str]) -> str:
    """Return a group that carries the look of its elements where all have the same."""
    attributes, elements = group.groups()
    look, *others = set(_LOOK.findall(elements))
    if others:
        return group[0]
    return f"<g{attributes}{look}>{elements.replace(f'{look}/>', '/>')}</g>"


def _rounded(text: str) -> str:
    """Return a text with its numbers to two decimals."""
    return re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", text)


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
