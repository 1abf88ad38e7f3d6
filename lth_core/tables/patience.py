"""Stopping by patience: where training stops that waits so long for a better accuracy."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def patience_iterations(
    curves: pd.DataFrame, run: Sequence[str], epochs: int, epoch: float
) -> pd.Series:
    """Return at which iteration each run of an experiment stops, by its columns `run`.

    curves: learning curves with split, iteration and accuracy. Validation accuracy is read once an
    epoch, and training stops when `epochs` of them in a row were no better than the best. epoch:
    its length as a share of the run, rounded to an evaluation; the first one at least.
    """
    rows = curves[(curves["split"] == "validation") & (curves["iteration"] > 0)]
    evaluations = rows["iteration"].unique()
    wanted = epoch * evaluations.max()
    every = evaluations[np.argmin(np.abs(evaluations - wanted))]
    read = rows[rows["iteration"] % every == 0].sort_values("iteration")
    stops = read.groupby(list(run))[["iteration", "accuracy"]].apply(
        lambda one: stop(one["iteration"].to_numpy(), one["accuracy"].to_numpy(), epochs)
    )
    return stops.fillna(rows.groupby(list(run))["iteration"].max()).astype(int)


def stop(iterations: np.ndarray, accuracies: np.ndarray, epochs: int) -> float:
    """Return the first iteration (n,) that ends `epochs` accuracies (n,) no better than the best.

    NaN where there is none.
    """
    best, since = -np.inf, 0
    for iteration, accuracy in zip(iterations, accuracies, strict=True):
        best, since = (accuracy, 0) if accuracy > best else (best, since + 1)
        if since == epochs:
            return float(iteration)
    return float("nan")
