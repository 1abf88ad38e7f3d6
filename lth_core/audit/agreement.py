"""Agreement of two executions of one job whose bits differ: pure functions.

Another processor, engine or version adds in another order, which training amplifies chaotically.
How far was measured by training Lenet with both engines for 8,000 iterations: the loss differed
by 1e-9 at the start, the accuracy by less than 0.007 at any time.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from lth_core.arms.loops import KINDS, MASKS_FIRST

Tables = Mapping[str, pd.DataFrame]

LOSS_AT_START = 1e-5  # relative
STANDARD_ERRORS = 4
XOR_LOSS, XOR_TRIALS = 1e-3, 0.99
TABLE_NUMBERS = 1e-9  # relative

_LANE = ["trial", "replicate", "split"]


def training(recorded: pd.DataFrame, replayed: pd.DataFrame, examples: int) -> Iterator[str]:
    """Yield how the metrics of a training job disagree.

    examples: at least so many are in each of validation and test set.
    """
    before, after = (
        table[table["split"] != "train"].set_index([*_LANE, "iteration"]).sort_index()
        for table in (recorded, replayed)
    )
    if not before.index.equals(after.index):
        yield "other runs, splits or iterations were measured"
        return
    for lane, rows in before.groupby(level=_LANE):
        place = f"{lane[2]}, trial {lane[0]}, replicate {lane[1]}"
        other = after.loc[rows.index]
        first, second = rows["loss"].iloc[0], other["loss"].iloc[0]
        if not np.isclose(first, second, rtol=LOSS_AT_START, atol=0, equal_nan=True):
            yield f"{place}: loss at the start {first:.8g}, here {second:.8g}"
        first, second = rows["accuracy"].iloc[-1], other["accuracy"].iloc[-1]
        mean = (first + second) / 2
        bound = STANDARD_ERRORS * np.sqrt(2 * mean * (1 - mean) / examples)
        if abs(first - second) > bound:
            yield f"{place}: accuracy at the end {first:.4f}, here {second:.4f} (+-{bound:.4f})"


def xor_training(recorded: pd.DataFrame, replayed: pd.DataFrame) -> Iterator[str]:
    """Yield how the metrics of an XOR job disagree."""
    before, after = (table.set_index("trial")["loss"] for table in (recorded, replayed))
    if not before.index.equals(after.index):
        yield "other trials were measured"
        return
    share = float(np.mean((before - after).abs() <= XOR_LOSS))
    if share < XOR_TRIALS:
        yield f"only {share:.1%} of trials have the same loss within {XOR_LOSS:g}"


def table(recorded: pd.DataFrame, replayed: pd.DataFrame) -> Iterator[str]:
    """Yield how two tables disagree."""
    try:
        pd.testing.assert_frame_equal(recorded, replayed, rtol=TABLE_NUMBERS, atol=0)
    except AssertionError as error:
        yield " ".join(str(error).split())


def disagreements(
    kind: str, settings: Mapping[str, Any], recorded: Tables, replayed: Tables
) -> list[str]:
    """Return how the tables of a job disagree beyond `tolerance`; both by file name."""
    names = sorted(recorded)
    if kind in KINDS:
        return list(training(recorded[names[0]], replayed[names[0]], _examples(settings)))
    if kind == "train_xor":
        return list(xor_training(recorded[names[0]], replayed[names[0]]))
    pairs = [(name, recorded[name], replayed[name]) for name in names]
    return [f"{name}: {text}" for name, one, other in pairs for text in table(one, other)]


def tolerance(kind: str, settings: Mapping[str, Any]) -> str:
    """Return what `disagreements` allows, in words."""
    if kind == "train_xor":
        return f"loss of {XOR_TRIALS:.0%} of trials within {XOR_LOSS:g}"
    if kind in KINDS:
        masks = "same masks, " if kind in MASKS_FIRST else ""
        return (
            f"{masks}loss at the start within {LOSS_AT_START:g}, accuracy at the end"
            f" within {STANDARD_ERRORS} standard errors of {_examples(settings):,} examples"
        )
    return f"numbers within {TABLE_NUMBERS:g}"


def _examples(settings: Mapping[str, Any]) -> int:
    """Return how many examples validate, if classes are equal; no built-in test set has fewer."""
    dataset = settings["dataset"]
    examples, classes = dataset["validation"], dataset.get("classes")
    if classes is not None:
        examples = examples * len(classes) // settings["network"]["classes"]
    return int(min(examples, dataset.get("examples") or examples))
