"""The share of rounds that win, against the size of the dense network."""

import pandas as pd
import pytest

from lth_core.config.share_figures import WinningShare
from lth_core.figures.winning_share import draw

SPEC = WinningShare.model_validate(
    {
        "notebook": "winning_share",
        "section": "2",
        "title": "",
        "caption": "",
        "networks": ["large", "small", "left_out"],
        "series": [
            {"name": "own", "label": "Own", "colour": "blue"},
            {"name": "super", "reference": "large", "label": "Large", "colour": "orange"},
        ],
        "xlabel": "x",
        "label": "y",
    }
)
# Early stop and accuracy by round, of each network's trials.
LARGE = {0: [(1000, 0.97), (900, 0.98), (1000, 0.96)], 1: [(1000, 0.97)] * 3}
SMALL = {0: [(1000, 0.9), (900, 0.98), (900, 0.91)], 1: [(1000, 0.9), (900, 0.89), (990, 0.9)]}


def summary() -> pd.DataFrame:
    rows = [
        {"experiment": name, "round": round_, "trial": trial, "replicate": 0, "diverged": False}
        | {"early_stop_iteration": stop, "test_accuracy_at_early_stop": accuracy}
        | {"weights_remaining": weights * 0.8**round_}
        for name, weights, trials in (("small", 19_090, SMALL), ("large", 266_200, LARGE))
        for trial, chain in trials.items()
        for round_, (stop, accuracy) in enumerate(chain)
    ]
    return pd.DataFrame(rows)


def test_shares_are_means_over_trials() -> None:
    figure, numbers, _ = draw(SPEC, summary())
    own, over = (numbers[numbers["series"] == name] for name in ("own", "super"))
    assert own["x"].tolist() == [266.2, 19.09]
    assert own["mean"].tolist() == [0.75, 0.75]
    assert own[["minimum", "maximum"]].to_numpy().tolist() == [[0.5, 1], [0.5, 1]]
    assert over["mean"].tolist() == [0.75, 0.25]
    assert set(numbers["n_runs"]) == {2}
    (axes,) = figure.axes
    assert axes.get_xlim()[0] > axes.get_xlim()[1], "the largest network is at the left"


def test_behind_a_point_is_the_last_run_of_each_chain() -> None:
    _, numbers, runs = draw(SPEC, summary())
    small = runs[(runs["series"] == "own") & (runs["experiment"] == "small")]
    assert small["round"].tolist() == [2, 2] and sorted(small["value"]) == [0.5, 1]
    assert small["quantity"].unique().tolist() == ["winning_share"]
    for (series, x), rows in runs.groupby(["series", "x"]):
        point = numbers[(numbers["series"] == series) & (numbers["x"] == x)]
        assert point["mean"].item() == pytest.approx(rows["value"].mean())


@pytest.mark.parametrize("round_", [1, 2])
def test_a_round_that_diverged_does_not_count(round_: int) -> None:
    table = summary()
    table.loc[(table["round"] == round_) & (table["trial"] == 1), "diverged"] = True
    _, numbers, _ = draw(SPEC, table)
    assert numbers["n_diverged"].tolist() == [0] * 4
    assert numbers["n_runs"].tolist() == [2] * 4


def test_crosses_have_an_entry_in_the_legend() -> None:
    diverged = summary().assign(diverged=True)
    for runs, labels in ((summary(), ["Own", "Large"]), (diverged, ["Own", "Large", "diverged"])):
        figure, _, _ = draw(SPEC, runs)
        assert [text.get_text() for text in figure.legends[0].get_texts()] == labels


def test_a_chain_whose_dense_network_diverged_is_left_out() -> None:
    table = summary()
    table.loc[(table["round"] == 0) & (table["trial"] == 1), "diverged"] = True
    _, numbers, _ = draw(SPEC, table)
    assert numbers["n_diverged"].tolist() == [1] * 4
    assert numbers["n_runs"].tolist() == [1] * 4
