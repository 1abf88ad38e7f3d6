"""Curves of measures of masks, and maps of displacements."""

import numpy as np
import pandas as pd

from lth_core.config.mask_figures import MaskMaps
from lth_core.figures import paper_curves
from lth_core.figures.lines import POINTS
from lth_core.figures.mask_maps import draw

SIZE = {"quantity": "percent_remaining", "label": "Percent"}
SPEC = MaskMaps.model_validate(
    {
        "notebook": "mask_maps",
        "section": "2",
        "title": "",
        "caption": "",
        "series": [
            {"experiment": "ticket", "label": "Ticket", "colour": "blue"},
            {"experiment": "random", "label": "Random", "colour": "grey"},
        ],
        "panels": [{"name": "locality", "x": SIZE, "y": "locality", "label": "Locality"}],
        "maps": {"experiment": "ticket", "rounds": [0, 4, 9]},
    }
)


def structure() -> pd.DataFrame:
    """Of two experiments, three rounds and two trials; the last round has no pairs in one."""
    rows = [
        {"experiment": name, "round": number, "trial": trial, "replicate": 0}
        | {"percent_remaining": 100 * 0.5**number, "locality": 1.0 + number + trial}
        for name in ("ticket", "random")
        for number in range(3)
        for trial in range(2)
    ]
    rows[5]["locality"] = np.nan
    return pd.DataFrame(rows)


def displacements() -> pd.DataFrame:
    """Of the ticket: images of 2 x 3 pixels, the middle empty."""
    there = structure().drop(columns="locality")
    places = pd.DataFrame(
        [(i, j) for i in (-1, 0, 1) for j in range(-2, 3)], columns=["down", "right"]
    )
    ratio = np.where(places.any(axis=1), 1.0 + places["right"] + 3 * places["down"], np.nan)
    rows = there[there["experiment"] == "ticket"].merge(places.assign(ratio=ratio), how="cross")
    return rows.assign(ratio=rows["ratio"] + rows["trial"])


def test_lines_then_a_map_for_each_round_that_is_there() -> None:
    figure, numbers, runs = draw(SPEC, structure(), displacements(), paper_curves.read(None))
    titles = [axes.get_title() for axes in figure.axes if axes.get_xlabel()]
    assert titles == ["", "100.0% remaining", "25.0% remaining"]
    assert list(numbers.columns) == POINTS
    assert list(numbers["panel"].value_counts(sort=False)) == [2 * 3, 15, 15]
    assert len(runs) == 2 * (2 * 3 + 2 * 15), "two for each point, as an audit pools them"


def test_a_run_without_pairs_is_left_out_of_the_mean() -> None:
    _, numbers, runs = draw(SPEC, structure(), displacements(), paper_curves.read(None))
    point = numbers[(numbers["panel"] == "locality") & (numbers["series"] == "ticket")].iloc[-1]
    assert (point["mean"], point["n_runs"], point["n_diverged"]) == (3, 1, 0)
    assert list(runs.query("panel == 'locality'")["counted"]).count(False) == 1


def test_a_map_is_the_mean_over_trials_with_down_below() -> None:
    figure, numbers, _ = draw(SPEC, structure(), displacements(), paper_curves.read(None))
    [image, _] = [image for axes in figure.axes for image in axes.images]
    shown = np.asarray(image.get_array(), dtype=float)
    assert shown.shape == (3, 5) and np.isnan(shown[1, 2])
    assert shown[2, 4] == 1 + 2 + 3 + 0.5
    left, right, bottom, top = image.get_extent()
    assert (left, right, bottom, top) == (-2.5, 2.5, 1.5, -1.5)
    corner = numbers[(numbers["series"] == "ticket 1 down") & (numbers["x"] == 2)]
    assert set(corner["mean"]) == {shown[2, 4]} and set(corner["n_runs"]) == {2}
    middle = numbers[(numbers["series"] == "ticket 0 down") & (numbers["x"] == 0)]
    assert middle["mean"].isna().all() and set(middle["n_runs"]) == {0}


def test_maps_of_one_percentage_are_told_apart_by_their_rounds() -> None:
    small = [table.assign(percent_remaining=0.21) for table in (structure(), displacements())]
    figure, numbers, runs = draw(SPEC, *small, paper_curves.read(None))
    titles = ["0.2% remaining, round 0", "0.2% remaining, round 2"]
    assert [axes.get_title() for axes in figure.axes if axes.get_xlabel()][1:] == titles
    assert set(titles) < set(numbers["panel"]) and set(titles) < set(runs["panel"])


def test_in_part_without_the_experiment_of_the_maps_there_are_only_lines() -> None:
    random = structure().query("experiment == 'random'")
    figure, numbers, _ = draw(SPEC, random, displacements().iloc[:0], paper_curves.read(None))
    assert len(figure.axes) == 1 and set(numbers["series"]) == {"random"}
