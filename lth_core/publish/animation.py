"""The animation of the README: which pixels the ticket of Figure 101 reads, round by round."""

from io import BytesIO
from pathlib import Path

import pandas as pd
from PIL import Image

from lth_core.config.figure_files import figure_of
from lth_core.config.pixel_figures import PixelMaps
from lth_core.figures import pixel_maps, style
from lth_core.files import atomic_path

FIGURE, SCALE, FILE = "fig101", "paper", "ticket.gif"
_MILLISECONDS = 400  # a frame; the last one stays for longer
_WIDTH, _DPI = 3.1, 100


def write_animation(folder: Path, config: Path = Path("config")) -> Path | None:
    """Write the animation into the folder of what is published, from the table published there.

    Returns its path; None where the figure is not published.
    """
    spec = PixelMaps.model_validate(figure_of(config, FIGURE))
    table = folder / SCALE / spec.folder / spec.experiment / spec.files[0]
    if not table.is_file():
        return None
    pixels = pd.read_parquet(table)
    rounds = sorted(pixels["round"].unique())
    frames = [
        _frame(spec, pixels[pixels["round"] == number], number, rounds[-1]) for number in rounds
    ]
    times = [_MILLISECONDS] * (len(frames) - 1) + [4 * _MILLISECONDS]
    path = folder / FILE
    with atomic_path(path) as temporary:
        first, *others = frames
        first.save(temporary, "GIF", save_all=True, append_images=others, duration=times, loop=0)
    return path


def _frame(spec: PixelMaps, rows: pd.DataFrame, number: int, last: int) -> Image.Image:
    figure, [axes] = style.panels(spec.model_copy(update={"width": _WIDTH}), 1)
    pixel_maps.show(axes, rows)
    axes.set_title(f"{rows['percent_remaining'].mean():.1f}% of the weights")
    axes.set_xlabel(f"round {number} of {last}")
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=_DPI)
    return Image.open(picture).convert("RGB").quantize(64)
