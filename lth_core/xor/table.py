"""The table of an XOR experiment: outputs of its networks, and their success."""

import numpy as np
import pandas as pd

from lth_core.xor.success import decision_boundary, zero_loss


def summarise(
    metrics: pd.DataFrame, experiment: str, tie_margin: float, loss_bound: float
) -> pd.DataFrame:
    """Return one row per round and trial, sorted, with what the network says and if it succeeded.

    metrics: columns round, units, trial, iterations, loss, logit_00, logit_01, logit_10,
    logit_11 (first and second input). The outputs are those of the sigmoid.

    Raises ValueError where a round has other trials than the first.
    """
    rows = metrics.sort_values(["round", "trial"], ignore_index=True)
    trials = [list(part["trial"]) for _, part in rows.groupby("round")]
    if any(found != trials[0] for found in trials):
        raise ValueError(f"{experiment}: its rounds have different trials")
    names = [name for name in rows if str(name).startswith("logit_")]
    logits = rows[names].to_numpy()
    table = rows[["round", "units", "trial", "iterations", "loss"]].copy()
    table.insert(0, "experiment", experiment)
    with np.errstate(over="ignore"):
        outputs = 1 / (1 + np.exp(-logits))
    for point, name in enumerate(names):
        table[str(name).replace("logit", "output")] = outputs[:, point]
    table["decision_boundary"] = decision_boundary(logits, tie_margin)
    table["zero_loss"] = zero_loss(logits, loss_bound)
    return table
