"""Draws docs/ticket.gif: the pixels that the ticket of Figure 101 reads, round by round.

python -m lth_core.publish.animation
"""

import sys
from io import BytesIO
from pathlib import Path

import pandas as pd
from PIL import Image

from lth_core.audit.archive import PUBLISHED
from lth_core.config.figure_files import figure_of
from lth_core.config.pixel_figures import PixelMaps
from lth_core.errors import Failure
from lth_core.figures import pixel_maps, style
from lth_core.files import atomic_path

FIGURE, SCALE, FILE = "fig101", "paper", Path("docs/ticket.gif")
_MILLISECONDS = 400  # a frame; the last one stays for longer
_WIDTH, _DPI = 3.1, 100


def main() -> None:
    """Draw it from the table in results/, or from the published one."""
    try:
        spec = PixelMaps.model_validate(figure_of(Path("config"), FIGURE))
    except Failure as error:
        sys.exit(f"error: {error}")
    table = Path(SCALE, spec.folder, spec.experiment, *spec.files)
    there = [
        folder / table for folder in (Path("results"), PUBLISHED) if (folder / table).is_file()
    ]
    if not there:
        sys.exit(
            f"error: results/{table}: there is no such file; to make it: snakemake --cores 2"
            f" --config scale={SCALE} -- {FIGURE}"
        )
    animate(spec, pd.read_parquet(there[0]), FILE)
    print(FILE)


def animate(spec: PixelMaps, pixels: pd.DataFrame, path: Path) -> None:
    """Write the animation of a table of lth_core/jobs/pixels.py, a frame for each round, as GIF."""
    rounds = sorted(pixels["round"].unique())
    frames = [
        _frame(spec, pixels[pixels["round"] == number], number, rounds[-1]) for number in rounds
    ]
    times = [_MILLISECONDS] * (len(frames) - 1) + [4 * _MILLISECONDS]
    with atomic_path(path) as temporary:
        first, *others = frames
        first.save(temporary, "GIF", save_all=True, append_images=others, duration=times, loop=0)


def _frame(spec: PixelMaps, rows: pd.DataFrame, number: int, last: int) -> Image.Image:
    figure, [axes] = style.panels(spec.model_copy(update={"width": _WIDTH}), 1)
    pixel_maps.show(axes, rows)
    axes.set_title(f"{rows['percent_remaining'].mean():.1f}% of the weights")
    axes.set_xlabel(f"round {number} of {last}")
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=_DPI)
    return Image.open(picture).convert("RGB").quantize(64)


if __name__ == "__main__":
    main()
