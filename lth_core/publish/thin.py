"""Thins learning curves: drops most rows that no figure draws and no claim reads."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from lth_core.tables.summary import RUN


class Kept(NamedTuple):
    """Which rows of an experiment's curves are kept.

    rounds: at every evaluation. iterations: of all rounds. every: of all rounds, the multiples
    of this iteration, and the last. accuracies: of every run, the evaluation at which its test
    accuracy first reaches each of these percentages.
    """

    rounds: list[int]
    iterations: list[int]
    every: int
    accuracies: list[float]


def thin(curves: pd.DataFrame, kept: Kept) -> pd.DataFrame:
    """Return the rows of `curves` that are kept, in order.

    Of every run the evaluation with the least validation loss is among them: that of early
    stopping (Section 2).
    """
    iteration = curves["iteration"]
    few = (iteration % kept.every == 0) | (iteration == iteration.max())
    rows = few | iteration.isin(kept.iterations) | curves["round"].isin(kept.rounds)
    for read in _read_by_run(curves, kept):
        rows |= _evaluations(curves).isin(_evaluations(read))
    return curves[rows].reset_index(drop=True)


def _read_by_run(curves: pd.DataFrame, kept: Kept) -> Iterator[pd.DataFrame]:
    """Yield rows of `curves`, one of each run at most, whose evaluations are kept."""
    validation = curves[curves["split"] == "validation"]
    yield validation.sort_values("loss", kind="stable").groupby(RUN).head(1)
    test = curves[curves["split"] == "test"].sort_values("iteration")
    for percent in kept.accuracies:
        yield test[test["accuracy"] >= percent / 100].groupby(RUN).head(1)


def _evaluations(curves: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(curves[[*RUN, "iteration"]])
