"""Learning curves without most of what no figure draws."""

from typing import NamedTuple

import pandas as pd


class Kept(NamedTuple):
    """Which rows of an experiment's curves are kept.

    rounds: at every evaluation. iterations: of all rounds. every: of all rounds, the multiples
    of this iteration, and the last.
    """

    rounds: list[int]
    iterations: list[int]
    every: int


def thin(curves: pd.DataFrame, kept: Kept) -> pd.DataFrame:
    """Return the rows of `curves` (columns round, iteration, ...) that are kept, in order."""
    iteration = curves["iteration"]
    few = (iteration % kept.every == 0) | (iteration == iteration.max())
    rows = few | iteration.isin(kept.iterations) | curves["round"].isin(kept.rounds)
    return curves[rows].reset_index(drop=True)
