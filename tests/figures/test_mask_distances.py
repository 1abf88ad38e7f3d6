"""Curves of how much masks differ."""

import pandas as pd

from lth_core.config.distance_figures import MaskDistances
from lth_core.figures import paper_curves
from lth_core.figures.mask_distances import draw

SIZE = {"quantity": "percent_remaining", "label": "Percent"}
SPEC = MaskDistances.model_validate(
    {
        "notebook": "mask_distances",
        "section": "2",
        "title": "",
        "caption": "",
        "reference": "late",
        "series": [
            {"experiment": "early", "label": "Early", "colour": "orange"},
            {"experiment": "late", "label": "Other trials", "colour": "grey"},
        ],
        "panels": [{"name": "distance", "x": SIZE, "y": "mask_distance", "label": "Distance"}],
    }
)


def test_lines_are_of_comparisons_with_the_reference() -> None:
    rows = [
        {"experiment": name, "reference": reference, "round": 1, "trial": trial, "replicate": 0}
        | {"percent_remaining": 80.0, "mask_distance": value + trial / 10}
        for name, reference, value in (
            ("early", "late", 0.1),
            ("early", "x", 9),
            ("late", "late", 0.5),
        )
        for trial in range(2)
    ]
    _, numbers, runs = draw(SPEC, pd.DataFrame(rows), paper_curves.read(None))
    assert list(numbers["series"]) == ["early", "late"]
    assert list(numbers["mean"].round(6)) == [0.15, 0.55] and len(runs) == 4


def test_the_reference_is_read_even_where_it_is_no_line() -> None:
    alone = SPEC.model_copy(update={"series": SPEC.series[:1]})
    assert alone.experiments == ["early", "late"]
