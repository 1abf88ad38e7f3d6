"""Measures of runs, from the tidy tables: pure functions."""

import numpy as np
import pandas as pd

from lth_core.claims.curve import Curve, Histogram, Missing
from lth_core.config.histogram_estimators import OfHistogram
from lth_core.config.measured import Measured
from lth_core.tables.columns import MEASURES
from lth_core.tables.patience import patience_iterations
from lth_core.tables.summary import RUN
from lth_core.tables.winning import wins

_AXES = {"percent": "percent_remaining", "weights": "weights_remaining"}
_FROM_CURVES = (
    "iterations_to_accuracy",
    "test_accuracy",
    "validation_accuracy",
    "first_validation_loss",
    "minimum_validation_loss",
    "end_validation_loss",
    "patience_iteration",
)


def needs_curves(measure: Measured) -> bool:
    """Return whether the measure is read from learning curves, not from the summary."""
    return measure.y in _FROM_CURVES


def sign(measure: Measured) -> int:
    """Return -1 where fewer is better, as of iterations and losses, else 1."""
    return -1 if MEASURES[measure.y].better == "low" else 1


def curve(
    name: str,
    summary: pd.DataFrame,
    learning: pd.DataFrame,
    measure: Measured,
    reference: pd.DataFrame,
) -> Curve:
    """Return a measure of an experiment by trial and size, replicates averaged.

    summary: one row a run. learning: the learning curves, read where the measure needs them.
    reference: the summary with the dense networks that `winning` compares with.
    """
    runs = summary if "replicate" in summary else summary.assign(replicate=0)
    if measure.y == "winning":
        found = _winning(name, runs, reference, measure)
    else:
        found = _values(name, runs, learning, measure)
    table = runs.set_index(RUN).assign(value=found, cut_off=_cut_off(runs, found, measure))
    if "diverged" in table:
        table["value"] = table["value"].mask(table["diverged"])
    trials = table.groupby(level=["round", "trial"])
    by_trial = trials["value"].mean().unstack("round")
    cut_off = trials["cut_off"].any().unstack("round", fill_value=False)
    rounds = by_trial.columns.to_numpy(dtype=int)
    axis = runs.assign(**{x: runs[column] for x, column in _AXES.items() if column in runs})
    _check_column(name, axis, measure.x)
    sizes = axis.groupby("round")[measure.x].mean() if measure.x != "round" else rounds
    return Curve(
        name,
        by_trial.to_numpy(float),
        measure.x,
        rounds,
        np.asarray(sizes, float),
        cut_off.to_numpy(),
    )


def _check_column(name: str, table: pd.DataFrame, key: str) -> None:
    if key not in table:
        raise Missing(f"the table of {name} has no {key}")


def _cut_off(runs: pd.DataFrame, found: np.ndarray, measure: Measured) -> np.ndarray:
    """Return which runs ended before what is counted in iterations had happened."""
    if measure.y == "early_stop_share_of_run":
        return found >= 1
    if MEASURES[measure.y].unit != "iterations":
        return np.zeros(len(runs), dtype=bool)
    return found >= runs["iterations"].to_numpy(float)


def _values(name: str, runs: pd.DataFrame, learning: pd.DataFrame, measure: Measured) -> np.ndarray:
    """Return the measure of each run, in the order of `runs`; accuracies in percent."""
    if needs_curves(measure):
        of_runs = _from_curves(learning, measure)
        return of_runs.reindex(pd.MultiIndex.from_frame(runs[RUN])).to_numpy(float)

    def column(key: str) -> np.ndarray:
        _check_column(name, runs, key)
        return runs[key].to_numpy(float)

    if measure.y == "generalisation_gap":
        return 100 * (column("end_train_accuracy") - column("end_test_accuracy"))
    if measure.y == "early_stop_share_of_run":
        return column("early_stop_iteration") / column("iterations")
    return MEASURES[measure.y].factor * column(measure.y)


def _winning(
    name: str, runs: pd.DataFrame, reference: pd.DataFrame, measure: Measured
) -> np.ndarray:
    if not (reference["round"] == 0).any():
        raise Missing(f"{measure.reference or name} has no dense network")
    return 100 * wins(runs, reference)


def _from_curves(learning: pd.DataFrame, measure: Measured) -> pd.Series:
    """Return the measure of each run from its learning curve."""
    rows = learning[learning["split"] == MEASURES[measure.y].split].sort_values("iteration")
    if measure.y == "iterations_to_accuracy":
        return _iterations_to(rows, measure.at or 0.0)
    if measure.patience is not None:
        return patience_iterations(rows, RUN, measure.patience.epochs, measure.patience.epoch)
    if measure.y.endswith("_accuracy"):
        end = rows["iteration"].max()
        wanted = (measure.at or 0) / (measure.of or 1) * end
        measured = rows["iteration"].unique()
        nearest = measured[np.argmin(np.abs(measured - wanted))]
        return 100 * rows[rows["iteration"] == nearest].set_index(RUN)["accuracy"]
    losses = rows.groupby(RUN)["loss"]
    if measure.y == "first_validation_loss":
        return losses.first()
    return losses.min() if measure.y == "minimum_validation_loss" else losses.last()


def _iterations_to(rows: pd.DataFrame, percent: float) -> pd.Series:
    """Return the first iteration with this accuracy, or the last one of runs that never have."""
    end = rows.groupby(RUN)["iteration"].last()
    reached = rows[rows["accuracy"] >= percent / 100].groupby(RUN)["iteration"].first()
    return reached.reindex(end.index).fillna(end)


def histogram(table: pd.DataFrame, wanted: OfHistogram) -> Histogram:
    """Return one histogram by trial from the table `by_trial`, on bins that all trials share."""
    rows = table[
        (table["quantity"] == wanted.quantity)
        & (table["layer"] == wanted.layer)
        & (table["group"] == wanted.group)
        & (table["round"] == wanted.round)
    ]
    name = f"{wanted.experiment}, {wanted.quantity} of {wanted.layer}, round {wanted.round}"
    if rows.empty:
        raise Missing(f"no histogram of {name}")
    # Trials' bins lie on one grid, but their edges were multiplied out from different ends.
    bins = rows.assign(left=rows["left"].round(9), right=rows["right"].round(9))
    densities = bins.pivot_table(index="trial", columns="left", values="density", fill_value=0.0)
    right = bins.groupby("left")["right"].first()
    left = densities.columns.to_numpy(float)
    return Histogram(name, densities.to_numpy(float), left, right.to_numpy(float))
