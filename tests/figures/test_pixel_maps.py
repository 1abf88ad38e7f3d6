"""Maps of the pixels that a ticket reads."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lth_core.config.pixel_figures import PixelMaps
from lth_core.figures.pixel_maps import draw, image
from lth_core.publish.animation import animate, main

CONFIG = Path(__file__).parents[2] / "config"
SPEC = PixelMaps(
    notebook="pixel_maps", section="2", title="", caption="", experiment="mine", rounds=[1, 4, 9]
)


def pixels(rounds: list[int], trials: int = 1) -> pd.DataFrame:
    """A table of images of 2 x 3 pixels, whose weights are round + trial + place."""
    rows = [
        {"round": round_, "trial": trial, "weights": round_ + trial + 3 * row + column}
        | {"row": row, "column": column, "percent_remaining": 100 * 0.5**round_}
        for round_ in rounds
        for trial in range(trials)
        for row in range(2)
        for column in range(3)
    ]
    return pd.DataFrame(rows).assign(experiment="mine", replicate=0)


def test_the_nearest_rounds_below_are_shown_once() -> None:
    figure, numbers, runs = draw(SPEC, pixels([0, 1, 2, 3], trials=3))
    assert [axes.get_title() for axes in figure.axes] == ["50.0% remaining", "12.5% remaining"]
    assert list(numbers["round"].unique()) == [1, 3]
    assert len(runs) == 2 * 3 and runs["counted"].all(), "one row a map and trial"


def test_a_map_is_the_mean_over_trials() -> None:
    _, numbers, _ = draw(SPEC, pixels([1], trials=3))
    np.testing.assert_array_equal(image(numbers), [[2, 3, 4], [5, 6, 7]])


def test_the_animation_has_a_frame_a_round_and_the_same_bytes_again(tmp_path: Path) -> None:
    path, again = tmp_path / "one.gif", tmp_path / "two.gif"
    animate(SPEC, pixels([0, 1, 2]), path)
    with Image.open(path) as animation:
        assert animation.n_frames == 3
    animate(SPEC, pixels([0, 1, 2]), again)
    assert path.read_bytes() == again.read_bytes()


def test_without_its_table_there_is_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").symlink_to(CONFIG)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="to make it: snakemake .* scale=paper -- fig101"):
        main()
