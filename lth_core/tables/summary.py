"""Turns the measurements of runs into rows of the tables: pure functions."""

from collections.abc import Iterable
from itertools import product

import numpy as np
import pandas as pd

from lth_core.early_stop import first_minimum
from lth_core.tables.convergence import convergence_iteration

RUN = ["round", "trial", "replicate"]


def select_runs(
    metrics: pd.DataFrame, rounds: Iterable[int], trials: int, replicates: int
) -> pd.DataFrame:
    """Keep the rows of the experiment's runs: a job may hold those of other experiments too.

    Raises ValueError, naming the runs, where one of them is missing.
    """
    wanted = pd.MultiIndex.from_tuples(
        product(sorted(set(rounds)), range(trials), range(replicates)), names=RUN
    )
    runs = pd.MultiIndex.from_frame(metrics[RUN])
    missing = wanted.difference(runs)
    if len(missing):
        first = ", ".join(str(run) for run in missing[:5])
        raise ValueError(f"{len(missing)} runs (round, trial, replicate) are missing: {first}")
    return metrics[runs.isin(wanted)]


def summarise(metrics: pd.DataFrame, experiment: str) -> pd.DataFrame:
    """Return one row per run, in order of round, trial and replicate.

    metrics: columns round, trial, replicate, weights, weights_remaining, iteration, split
    ("validation", "test", "train"), loss, accuracy (0 to 1). Validation and test are measured
    at the same iterations; train at the early-stop iteration and the last one.

    The early-stop iteration is that of the minimum validation loss, the first of equal minima,
    iteration 0 included (the paper leaves both open); `early_stop_iteration_test` is that of the
    test loss (Figures 17, 18 and 25), `convergence_iteration` is that of the 2018 version. A run
    with a loss that is not finite is `diverged`; what cannot be known of it is NaN, and losses
    that are not finite are never a minimum.

    Raises ValueError, naming the run, where a measurement is missing.
    """
    summary = []
    for run, rows in metrics.groupby(RUN, sort=True):
        names = dict(zip(RUN, run, strict=True))
        try:
            summary.append({"experiment": experiment, **names, **_summarise_run(rows)})
        except ValueError as error:
            where = ", ".join(f"{name} {value}" for name, value in names.items())
            raise ValueError(f"metrics of {where}: {error}") from error
    return pd.DataFrame(summary)


def learning_curves(metrics: pd.DataFrame, experiment: str) -> pd.DataFrame:
    """Return the validation and test rows of all runs, sorted, with the percent remaining."""
    rows = metrics[metrics["split"].isin(["validation", "test"])]
    rows = rows.sort_values([*RUN, "split", "iteration"], ignore_index=True)
    percent = 100 * rows["weights_remaining"] / rows["weights"]
    rows = rows.assign(experiment=experiment, percent_remaining=percent)
    return rows[
        ["experiment", "round", "percent_remaining", "trial", "replicate"]
        + ["iteration", "split", "loss", "accuracy"]
    ]


def _early_stop(losses: pd.Series) -> int:
    return int(losses.index[first_minimum(losses.to_numpy(dtype=float))])


def _summarise_run(rows: pd.DataFrame) -> dict[str, object]:
    splits = {
        name: part.set_index("iteration").sort_index() for name, part in rows.groupby("split")
    }
    for name in ("validation", "test", "train"):
        if name not in splits:
            raise ValueError(f"no {name} rows")
        if not splits[name].index.is_unique:
            raise ValueError(f"{name} was measured twice at the same iteration")
    validation, test, train = splits["validation"], splits["test"], splits["train"]
    if not validation.index.equals(test.index):
        raise ValueError("validation and test were measured at different iterations")
    diverged = not np.isfinite(rows["loss"].to_numpy(dtype=float)).all()
    stop = _early_stop(validation["loss"])
    stop_test = _early_stop(test["loss"])
    end = int(validation.index[-1])
    weights, remaining = int(rows["weights"].iloc[0]), int(rows["weights_remaining"].iloc[0])
    return {
        "weights": weights,
        "weights_remaining": remaining,
        "percent_remaining": 100 * remaining / weights,
        "iterations": end,
        "early_stop_iteration": stop,
        "early_stop_iteration_test": stop_test,
        "convergence_iteration": convergence_iteration(
            test.index.to_numpy(), test["accuracy"].to_numpy(dtype=float)
        ),
        "validation_accuracy_at_early_stop": validation["accuracy"][stop],
        "test_accuracy_at_early_stop": test["accuracy"][stop],
        "train_accuracy_at_early_stop": _train_accuracy(train, stop, diverged),
        "test_accuracy_at_early_stop_test": test["accuracy"][stop_test],
        "end_test_accuracy": test["accuracy"][end],
        "end_train_accuracy": _train_accuracy(train, end, diverged),
        "diverged": diverged,
    }


def _train_accuracy(train: pd.DataFrame, iteration: int, diverged: bool) -> float:
    if iteration in train.index:
        return float(train["accuracy"][iteration])
    if diverged:
        return float("nan")
    raise ValueError(f"training accuracy was not measured at iteration {iteration}")
