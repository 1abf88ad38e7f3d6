"""Curves during training."""

import numpy as np
import pandas as pd

from lth_core.config.learning_figures import LearningCurves
from lth_core.figures import learning_curves, paper_curves

SPEC = LearningCurves.model_validate(
    {
        "notebook": "learning_curves",
        "section": "2",
        "title": "",
        "caption": "",
        "split": "test",
        "y": "accuracy",
        "label": "Test Accuracy",
        "xlimits": [0, 2000],
        "limits": [0.9, 1.0],
        "panels": [
            {
                "name": "left",
                "series": [
                    {"experiment": "lenet_imp", "round": 0, "colour": "blue"},
                    {
                        "experiment": "lenet_imp",
                        "round": 3,
                        "colour": "orange",
                        "label": "{percent} (ticket)",
                    },
                    {"experiment": "lenet_imp", "round": 7, "colour": "green"},
                ],
            }
        ],
    }
)


def curves() -> pd.DataFrame:
    rows = [
        dict(experiment="lenet_imp", round=number, percent_remaining=percent, trial=trial)
        | dict(replicate=0, iteration=iteration, split=split, loss=loss)
        | dict(accuracy=0.95 + 0.01 * trial if split == "test" else 0.5)
        for number, percent in ((0, 100.0), (3, 51.2815))
        for trial in (0, 1, 2)
        for split in ("validation", "test")
        for iteration in range(0, 3000, 100)
        for loss in [np.nan if (number, trial) == (3, 2) and iteration > 1000 else 0.1]
    ]
    return pd.DataFrame(rows)


def test_means_of_the_runs_that_did_not_diverge():
    figure, numbers, _ = learning_curves.draw(SPEC, curves(), paper_curves.read(None))
    assert list(numbers["series"].unique()) == ["lenet_imp@100", "lenet_imp@51.3"]
    assert numbers["x"].max() == 2000
    dense, ticket = (part for _, part in numbers.groupby("series"))
    assert np.allclose(dense["mean"], 0.96)
    assert np.allclose(ticket["mean"], 0.955), "the third trial diverged later on"
    assert set(ticket["n_diverged"]) == {1}


def test_the_runs_behind_a_curve():
    _, numbers, runs = learning_curves.draw(SPEC, curves(), paper_curves.read(None))
    assert len(runs) == 3 * len(numbers)
    assert set(runs["quantity"]) == {"test_accuracy"}
    lost = runs[~runs["counted"]]
    assert set(lost["round"]) == {3} and set(lost["trial"]) == {2}
    assert lost["iteration"].to_list() == list(range(0, 2001, 100)), "also where it was measured"


def test_labels_and_rounds_that_were_not_run():
    figure, _, _ = learning_curves.draw(SPEC, curves(), paper_curves.read(None))
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["100", "51.3 (ticket)", "diverged"]
    remarks = [text.get_text() for text in figure.axes[0].texts]
    assert remarks == ["not run: round 7"]


def test_a_panel_of_which_nothing_was_run_stays_and_says_so():
    later = curves().query("round == 3").assign(round=20)
    figure, numbers, _ = learning_curves.draw(SPEC, later, paper_curves.read(None))
    assert numbers.empty
    remarks = [text.get_text() for text in figure.axes[0].texts]
    assert remarks == ["not run", "not run: round 0, round 3 (ticket), round 7"]


def test_the_axis_ends_where_much_shorter_runs_end():
    short = curves().query("iteration <= 500")
    figure, _, _ = learning_curves.draw(SPEC, short, paper_curves.read(None))
    assert figure.axes[0].get_xlim() == (0, 500)


def test_two_rounds_of_one_size_are_two_curves():
    table = curves()
    again = table.query("round == 3").assign(round=7)
    figure, numbers, _ = learning_curves.draw(
        SPEC, pd.concat([table, again]), paper_curves.read(None)
    )
    assert list(numbers["series"].unique()) == [
        "lenet_imp@100", "lenet_imp@51.3, round 3", "lenet_imp@51.3, round 7",
    ]  # fmt: skip
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["100", "51.3, round 3 (ticket)", "51.3, round 7", "diverged"]


def test_braces_in_a_label_are_text():
    series = SPEC.panels[0].series[0].model_copy(update={"label": "$10^{-3}$ {x} {percent"})
    panel = SPEC.panels[0].model_copy(update={"series": [series]})
    spec = SPEC.model_copy(update={"panels": [panel]})
    figure, _, _ = learning_curves.draw(spec, curves(), paper_curves.read(None))
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["$10^{-3}$ {x} {percent"]
