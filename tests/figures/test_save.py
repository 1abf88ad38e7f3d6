"""A saved figure is small, shows what was drawn, and has the same bytes each time."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from lth_core.figures.runs import table
from lth_core.figures.save import save
from lth_core.figures.style import DPI


def drawn() -> Figure:
    """A figure with more colours than a palette holds: two colour maps, and lines."""
    figure = Figure(figsize=(6, 3))
    lines, *maps = figure.subplots(1, 3)
    lines.plot([1, 2, 5], color="tab:red")
    lines.plot([3, 1, 4], color="tab:green")
    maps[0].imshow(np.outer(np.arange(50), np.arange(50)), cmap="mako")
    maps[1].imshow(np.outer(np.arange(50), np.arange(50)), cmap="vlag")
    return figure


def test_the_pictures_colours_are_those_drawn(tmp_path: Path) -> None:
    whole = BytesIO()
    drawn().savefig(whole, format="png", dpi=DPI)
    for folder in ("one", "two"):
        save(drawn(), pd.DataFrame(), table([]), "fig", str(tmp_path / folder))
    path = tmp_path / "one" / "fig.png"
    assert path.read_bytes() == (tmp_path / "two" / "fig.png").read_bytes()
    assert path.stat().st_size < 0.6 * len(whole.getvalue())
    with Image.open(path) as small, Image.open(whole) as original:
        assert np.allclose(small.info["dpi"], DPI, atol=0.1)
        pixels, wanted = (np.asarray(image.convert("RGB"), int) for image in (small, original))
    off = np.abs(pixels - wanted).max(axis=2)
    assert off.max() <= 16, "of 255"
    colours, counts = np.unique(wanted.reshape(-1, 3), axis=0, return_counts=True)
    frequent = colours[np.argsort(-counts)[:3]]
    assert off[(wanted[:, :, None] == frequent).all(axis=3).any(axis=2)].max() <= 1
