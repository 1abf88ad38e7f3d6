"""Figures of rates of success, from a summary made by hand."""

import pandas as pd
import pytest

from lth_core.config.xor_figures import XorTable
from lth_core.figures.xor_tables import draw, rates

SPEC = XorTable.model_validate(
    {
        "notebook": "xor_table",
        "section": "XOR",
        "title": "A table",
        "caption": "A table.",
        "rows": [
            {
                "label": "Pruned",
                "cells": [
                    {"experiment": "a", "units": 3, "decision_boundary": 75, "zero_loss": 50},
                    {"experiment": "a", "units": 1, "decision_boundary": 60.5, "zero_loss": 20},
                ],
            }
        ],
    }
)
SUMMARY = pd.DataFrame(
    {
        "experiment": "a",
        "round": [0, 0, 0, 0, 1, 1, 1, 1],
        "units": [3, 3, 3, 3, 1, 1, 1, 1],
        "trial": [0, 1, 2, 3, 3, 2, 1, 0],
        "decision_boundary": [True, True, True, False, True, False, False, True],
        "zero_loss": [True, False, False, False, False, False, False, False],
    }
)


def test_rates_are_of_all_trials_and_of_those_that_succeeded_before() -> None:
    numbers = rates(SPEC, SUMMARY).set_index(["units", "quantity"])
    assert numbers["percent"].tolist() == [75, 25, 50, 0]
    assert numbers["slide"].tolist() == [75, 50, 60.5, 20]
    assert (numbers["trials"] == 4).all()
    pruned = numbers.loc[1]
    assert pruned["trials_given_dense"].tolist() == [3, 1]
    assert pruned["percent_given_dense"].tolist() == pytest.approx([100 / 3, 0])
    assert numbers.loc[3]["percent_given_dense"].isna().all()
    assert ((numbers["low"] <= numbers["percent"]) & (numbers["percent"] <= numbers["high"])).all()


def test_the_picture_says_ours_the_slide_s_and_the_number_of_trials() -> None:
    figure, _, _ = draw(SPEC, SUMMARY)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {"75.0", "slide 60.5", "given 3: 33.3", "3 units", "1 units (pruned)"} <= set(texts)
    assert "Percent of 4 trials" in figure.get_suptitle()


def test_a_size_that_was_not_run_is_named() -> None:
    with pytest.raises(ValueError, match=r"a: no networks of 1 units, only \[3\]"):
        rates(SPEC, SUMMARY[SUMMARY["units"] == 3])


def test_rows_of_different_sizes_are_refused() -> None:
    rows = SPEC.model_dump()["rows"]
    short = {"label": "Short", "cells": rows[0]["cells"][:1]}
    with pytest.raises(ValueError, match="should be the same in each row"):
        XorTable.model_validate({**SPEC.model_dump(), "rows": [*rows, short]})
