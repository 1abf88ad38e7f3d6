"""What counts as the same result on another machine: hand-made tables."""

import numpy as np
import pandas as pd
import pytest

from lth_core.audit.agreement import disagreements, tolerance

TRAINING = {"dataset": {"validation": 5000}}
CLASSES = {"dataset": {"validation": 5000, "classes": [0]}, "network": {"classes": 100}}
SMALL = {"dataset": {"validation": 5000, "examples": 64}}
XOR: dict = {}


def metrics(loss: float = 2.3, accuracy: float = 0.98, iteration: int = 100) -> pd.DataFrame:
    """Two measurements of each set, as a training job leaves them."""
    return pd.DataFrame(
        [
            {
                "trial": 0,
                "replicate": 0,
                "split": split,
                "iteration": at,
                "loss": value,
                "accuracy": share,
            }
            for split in ("validation", "test", "train")
            for at, value, share in ((0, loss, 0.1), (iteration, 0.1, accuracy))
        ]
    )


@pytest.mark.parametrize(
    ("settings", "other", "said"),
    [
        (TRAINING, metrics(), ""),
        (TRAINING, metrics(loss=2.3 * (1 + 1e-6)), ""),  # sums in another order
        (TRAINING, metrics(loss=2.3 * (1 + 1e-4)), "validation, trial 0, replicate 0: loss at"),
        (TRAINING, metrics(accuracy=0.987), ""),  # what 8,000 iterations were seen to make of it
        (TRAINING, metrics(accuracy=0.96), "accuracy at the end 0.9800, here 0.9600"),
        # The error of a difference is that of one accuracy times the root of two.
        (TRAINING, metrics(accuracy=0.9685), ""),
        (TRAINING, metrics(accuracy=0.9665), "accuracy at the end 0.9800, here 0.9665"),
        (SMALL, metrics(accuracy=0.96), ""),  # one of 64 examples
        (CLASSES, metrics(accuracy=0.96), ""),  # of some 50 examples of its class
        (TRAINING, metrics(iteration=50), "other runs, splits or iterations"),
    ],
)
def test_training(settings: dict, other: pd.DataFrame, said: str) -> None:
    tables = {"metrics.parquet": metrics()}, {"metrics.parquet": other}
    for kind in ("train", "train_distilled", "train_gradual", "train_supermask"):
        found = disagreements(kind, settings, *tables)
        assert (not found) if said == "" else any(said in text for text in found)


@pytest.mark.parametrize(("flipped", "agrees"), [(0, True), (1, True), (3, False)])
def test_xor_networks_may_rarely_end_elsewhere(flipped: int, agrees: bool) -> None:
    recorded = pd.DataFrame({"trial": range(200), "loss": 0.01})
    replayed = recorded.assign(loss=recorded["loss"] + 1e-8)
    replayed.loc[: flipped - 1, "loss"] = 0.3
    tables = {"metrics.parquet": recorded}, {"metrics.parquet": replayed}
    assert (not disagreements("train_xor", XOR, *tables)) == agrees


@pytest.mark.parametrize(
    ("factor", "agrees"), [(1 + 1e-12, True), (1 + 1e-6, False), (np.nan, False)]
)
def test_tables(factor: float, agrees: bool) -> None:
    recorded = pd.DataFrame({"experiment": ["a", "b"], "mean": [0.5, 0.25]})
    replayed = recorded.assign(mean=recorded["mean"] * factor)
    found = disagreements("summary", {}, {"t.parquet": recorded}, {"t.parquet": replayed})
    assert (not found) == agrees
    assert all(text.startswith("t.parquet: ") for text in found)


def test_the_tolerance_is_told() -> None:
    found = {"train_gradual", "train_supermask"}  # while training
    for kind in ("train", "train_distilled", *found):
        said = tolerance(kind, SMALL)
        assert "4 standard errors of 64 examples" in said and ("same masks" in said) == (
            kind not in found
        )
    assert tolerance("train_xor", XOR) == "loss of 99% of trials within 0.001"
