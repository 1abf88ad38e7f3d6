"""The summary of a run, on measurements that one checks by eye."""

import numpy as np
import pandas as pd
import pytest

from lth_core.tables.summary import learning_curves, summarise


def metrics(validation, test, train, trial=0, number=0):
    """Measurements of one run: (iteration, loss, accuracy) by split."""
    rows = [
        dict(round=number, trial=trial, replicate=0, weights=200, weights_remaining=50)
        | dict(iteration=iteration, split=split, loss=loss, accuracy=accuracy)
        for split, values in (("validation", validation), ("test", test), ("train", train))
        for iteration, loss, accuracy in values
    ]
    return pd.DataFrame(rows)


RUN = metrics(
    validation=[(0, 2.3, 0.1), (100, 0.5, 0.8), (200, 0.4, 0.82), (300, 0.4, 0.83)],
    test=[(0, 2.3, 0.1), (100, 0.4, 0.79), (200, 0.5, 0.81), (300, 0.6, 0.84)],
    train=[(200, 0.2, 0.9), (300, 0.1, 0.95)],
)


def test_every_column_of_a_run():
    row = summarise(RUN, "lenet_imp").iloc[0].to_dict()
    assert row == {
        "experiment": "lenet_imp",
        "round": 0,
        "trial": 0,
        "replicate": 0,
        "weights": 200,
        "weights_remaining": 50,
        "percent_remaining": 25.0,
        "iterations": 300,
        "early_stop_iteration": 200,  # the first of two equal minima
        "early_stop_iteration_test": 100,
        "convergence_iteration": 300,  # the end, as no 1,000 iterations follow
        "validation_accuracy_at_early_stop": 0.82,
        "test_accuracy_at_early_stop": 0.81,
        "train_accuracy_at_early_stop": 0.9,
        "test_accuracy_at_early_stop_test": 0.79,
        "end_test_accuracy": 0.84,
        "end_train_accuracy": 0.95,
        "diverged": False,
    }


def test_order_of_rows_does_not_matter():
    shuffled = RUN.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(summarise(shuffled, "x"), summarise(RUN, "x"))


def test_iteration_0_may_be_the_minimum_and_one_train_row_is_enough():
    run = metrics([(0, 2.3, 0.1)], [(0, 2.3, 0.1)], [(0, 2.3, 0.12)])
    row = summarise(run, "x").iloc[0]
    assert row["early_stop_iteration"] == 0
    assert row["train_accuracy_at_early_stop"] == row["end_train_accuracy"] == 0.12


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_marks_the_run_and_is_no_minimum(bad):
    run = metrics(
        validation=[(0, 2.3, 0.1), (100, 0.5, 0.8), (200, bad, 0.1)],
        test=[(0, 2.3, 0.1), (100, 0.4, 0.79), (200, bad, 0.1)],
        train=[(200, bad, 0.1)],
    )
    row = summarise(run, "x").iloc[0]
    assert row["diverged"]
    assert row["early_stop_iteration"] == 100
    assert np.isnan(row["train_accuracy_at_early_stop"])


def test_a_missing_training_accuracy_is_an_error_that_names_the_run():
    run = RUN[(RUN["split"] != "train") | (RUN["iteration"] != 200)].assign(trial=3)
    with pytest.raises(ValueError, match="trial 3.*not measured at iteration 200"):
        summarise(run, "x")


def test_a_measurement_made_twice_is_an_error():
    with pytest.raises(ValueError, match="twice"):
        summarise(pd.concat([RUN, RUN]), "x")


def test_curves_are_the_validation_and_test_rows():
    both = pd.concat([metrics([(0, 1, 0.1)], [(0, 2, 0.2)], [(0, 3, 0.3)], trial=1), RUN])
    curves = learning_curves(both, "lenet_imp")
    assert set(curves["split"]) == {"validation", "test"}
    assert len(curves) == 10
    assert list(curves["trial"]) == [0] * 8 + [1] * 2
    assert set(curves["percent_remaining"]) == {25.0}


def test_a_run_that_starts_from_diverged_weights_is_diverged_from_the_start():
    nothing = [(0, np.nan, 0.1), (100, np.nan, 0.1)]
    run = metrics(validation=nothing, test=nothing, train=[(0, np.nan, 0.1), (100, np.nan, 0.1)])
    row = summarise(run, "x").iloc[0]
    assert row["diverged"]
    assert row["early_stop_iteration"] == 0
