"""A saved figure is small, shows what was drawn, and has the same bytes each time."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from lth_core.figures.runs import table
from lth_core.figures.save import save
from lth_core.figures.style import DPI, apply_theme


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


def looks(element: ElementTree.Element, *inherited: str) -> Iterator[tuple[str, ...]]:
    """Each drawn element with the styles and clip paths that hold for it, outermost first."""
    own = (element.get("clip-path"), element.get("style"))
    holding = (*inherited, *filter(None, own))
    if element.tag.endswith(("path", "use", "text")):
        yield element.tag, *(element.text or "").split(), *holding
    for inner in element:
        yield from looks(inner, *holding)


def test_a_drawings_elements_keep_their_looks(tmp_path: Path) -> None:
    apply_theme()
    figure = Figure(figsize=(4, 3))
    same, mixed, translucent = figure.subplots(1, 3)
    same.errorbar(range(50), range(50), yerr=0.5, marker="o", color="tab:red")
    mixed.vlines([1, 2, 3], 0, 1, colors=["tab:red", "tab:green", "tab:red"])
    translucent.plot([1, 1.01, 1.02], [1, 1, 1], "o", alpha=0.5)
    translucent.bar([1, 1.5], [1, 2], alpha=0.3)
    whole = BytesIO()
    figure.savefig(whole, format="svg", metadata={"Date": None})
    save(figure, pd.DataFrame(), table([]), "fig", str(tmp_path))
    small = (tmp_path / "fig.svg").read_bytes()
    assert len(small) < 0.75 * len(whole.getvalue())

    def drawn_looks(svg: bytes) -> list[tuple[str, ...]]:
        return list(looks(ElementTree.fromstring(svg)))

    assert drawn_looks(small) == drawn_looks(whole.getvalue())
    groups = [g.get("style", "") for g in ElementTree.fromstring(small).findall(".//{*}g")]
    assert any(groups)
    # The opacity of a group holds for all of it at once: overlapping markers would vanish.
    assert not any(re.search(r"\bopacity", style.replace("-opacity", "")) for style in groups)
