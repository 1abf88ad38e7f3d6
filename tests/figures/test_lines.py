"""Means, bars and what is left out of them."""

import numpy as np
import pandas as pd
import pytest

from lth_core.config.figures import PruningCurves
from lth_core.figures import paper_curves, pruning_curves
from lth_core.figures.axes import widened
from lth_core.figures.lines import aggregate
from lth_core.figures.stamp import stamp


def test_mean_minimum_and_maximum_without_diverged_runs_and_nan():
    points = aggregate(
        x=np.array([100, 100, 100, 50, 50, 25]),
        y=np.array([1.0, 2.0, 6.0, 4.0, np.nan, 9.0]),
        diverged=np.array([False, False, True, False, False, True]),
    )
    assert list(points.columns) == ["x", "mean", "minimum", "maximum", "n_runs", "n_diverged"]
    diverged, one, two = points.to_numpy().tolist()
    assert two == [100, 1.5, 1.0, 2.0, 2, 1]
    assert one == [50, 4.0, 4.0, 4.0, 1, 0]
    assert np.isnan(diverged[1:4]).all()
    assert diverged[4:] == [0, 1]


def test_the_papers_range_is_kept_while_half_of_each_line_is_inside():
    assert widened((0.9, 1.0), [np.array([0.95, 0.92, 0.3, 0.1]), np.array([0.99])]) == (0.9, 1.0)


def test_the_range_is_widened_to_hold_a_line_that_is_mostly_outside():
    low, high = widened((0.9, 1.0), [np.array([0.95, 0.94]), np.array([0.91, 0.8, 0.7])])
    assert low < 0.7
    assert high == 1.0


SPEC = PruningCurves.model_validate(
    {
        "notebook": "pruning_curves",
        "section": "2",
        "title": "",
        "caption": "",
        "series": [
            {"experiment": "lenet_imp", "label": "ticket", "colour": "blue"},
            {"experiment": "lenet_imp_reinit", "label": "reinit", "colour": "orange"},
        ],
        "panels": [
            {
                "name": "end",
                "y": "end_test_accuracy",
                "label": "Accuracy at Iteration {iterations}",
                "limits": [0.9, 1.0],
                "x": {
                    "quantity": "percent_remaining",
                    "label": "Percent",
                    "limits": [100, 0.2],
                    "ticks": [100, 51.3],
                },
            }
        ],
    }
)


def summary() -> pd.DataFrame:
    rows = [
        dict(experiment=experiment, percent_remaining=percent, end_test_accuracy=accuracy)
        | dict(iterations=10000, diverged=diverged)
        for experiment, percent, accuracy, diverged in (
            ("lenet_imp", 100.0, 0.97, False),
            ("lenet_imp", 100.0, 0.98, False),
            ("lenet_imp", 51.3, 0.99, False),
            ("lenet_imp_reinit", 51.3, 0.1, True),
            ("lenet_imp_reinit", 51.3, 0.96, False),
        )
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def drawn():
    curves = pd.DataFrame(
        [["end", "lenet_imp", x, y, None, None, 0] for x, y in ((100, 0.95), (50, 0.96))],
        columns=paper_curves.COLUMNS,
    )
    return pruning_curves.draw(SPEC, summary(), curves)


def test_numbers_are_those_of_the_lines(drawn):
    figure, numbers = drawn
    ticket = numbers[numbers["series"] == "lenet_imp"]
    assert ticket["x"].to_list() == [100.0, 51.3]
    assert ticket["mean"].to_list() == [0.975, 0.99]
    reinit = numbers[numbers["series"] == "lenet_imp_reinit"].iloc[0]
    assert (reinit["mean"], reinit["n_runs"], reinit["n_diverged"]) == (0.96, 1, 1)


def test_what_is_drawn(drawn):
    figure, _ = drawn
    (axes,) = figure.axes
    left, right = axes.get_xlim()
    assert left > 100 > right, "the dense network is at the left"
    assert axes.get_ylabel() == "Accuracy at Iteration 10,000"
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["ticket", "reinit", "paper", "diverged"]


def test_the_scale_is_on_the_face_of_the_figure_unless_it_is_the_papers(drawn):
    figure, _ = drawn
    stamp(figure, {"name": "paper", "note": ""})
    assert figure.get_supxlabel() == ""
    stamp(figure, {"name": "quick", "note": "3 of 5 trials"})
    assert figure.get_supxlabel() == "quick scale: 3 of 5 trials"
    stamp(figure, {"name": "quick", "note": ""})
    assert figure.get_supxlabel() == "quick scale"
