"""The table of measures knows all that figures draw and claims compare."""

from typing import get_args

import pytest

from lth_core.config.measured import Measure
from lth_core.config.pruning_figures import Column
from lth_core.tables.columns import MEASURES


def test_all_measures_are_known() -> None:
    assert set(MEASURES) == {*get_args(Measure), *get_args(Column)}


@pytest.mark.parametrize(
    ("name", "factor", "better", "split", "iteration"),
    [
        ("test_accuracy_at_early_stop_test", 100, "high", "test", "early_stop_iteration_test"),
        ("train_accuracy_at_early_stop", 100, "high", "train", "early_stop_iteration"),
        ("iterations_to_accuracy", 1, "low", "test", None),
        ("generalisation_gap", 100, "low", "", "iterations"),
        ("minimum_validation_loss", 1, "low", "validation", "early_stop_iteration"),
        ("zero_loss", 100, "high", "", "iterations"),
        ("connected_units", 100, "high", "", None),
        ("percent_remaining", 1, "low", "", None),
    ],
)
def test_what_a_measure_is(
    name: str, factor: float, better: str, split: str, iteration: str | None
) -> None:
    found = MEASURES[name]
    expected = (factor, better, split, iteration)
    assert (found.factor, found.better, found.split, found.iteration) == expected
