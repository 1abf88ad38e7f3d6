"""Stopping by patience: by hand, and of every run of a table."""

import math

import numpy as np
import pandas as pd
import pytest

from lth_core.tables.patience import patience_iterations, stop


@pytest.mark.parametrize(
    ("accuracies", "epochs", "expected"),
    [
        ([1, 3, 2, 2, 4], 2, 4),  # the best is epoch 2, and 4 is never seen
        ([1, 3, 3, 3, 4], 2, 4),  # as good is no better
        ([1, 3, 2, 4, 2, 2], 2, 6),  # a better one sets the count back
        ([3, 1], 1, 2),
        ([1, 3, 2, 2, 4], 3, math.nan),
        ([math.nan, math.nan], 2, 2),  # diverged
    ],
)
def test_by_hand(accuracies: list[float], epochs: int, expected: float) -> None:
    found = stop(np.arange(1, len(accuracies) + 1), np.array(accuracies), epochs)
    assert found == expected or (math.isnan(found) and math.isnan(expected))


def curves(accuracies: list[float], trial: int, every: int = 100) -> pd.DataFrame:
    """One run, evaluated from iteration 0 on; its test accuracy always rises."""
    rows = pd.DataFrame({"iteration": every * np.arange(len(accuracies)), "accuracy": accuracies})
    test = rows.assign(accuracy=np.linspace(0, 1, len(rows)))
    both = [rows.assign(split="validation"), test.assign(split="test")]
    return pd.concat(both).assign(round=0, trial=trial)


def test_it_is_read_once_an_epoch_of_each_run() -> None:
    """An epoch of 180 iterations is two evaluations; what lies between is not seen."""
    seen, rises = [9, 0, 1, 9, 3, 9, 2, 9, 2, 9, 4], list(range(11))
    table = pd.concat([curves(rises, 1), curves(seen, 0)]).sample(frac=1, random_state=0)
    found = patience_iterations(table, ["round", "trial"], epochs=2, epoch=0.18)
    assert found.loc[(0, 0)] == 800
    assert found.loc[(0, 1)] == 1000, "the end, where training never stops"


def test_an_epoch_is_an_evaluation_at_least() -> None:
    table = curves([0, 1, 3, 2, 2, 4], 0)
    assert patience_iterations(table, ["trial"], epochs=2, epoch=0.01).loc[0] == 400
