"""Winning tickets as Mraksu/Lottery-Ticket counts them: as fast and accurate as a dense network."""

import numpy as np
import pandas as pd

STOP, ACCURACY = "early_stop_iteration", "test_accuracy_at_early_stop"


def wins(runs: pd.DataFrame, reference: pd.DataFrame) -> np.ndarray:
    """Return 1 for each run (n,) that wins against the dense network of its trial, else 0.

    It wins if it stops early no later than that network, and is no less accurate there on the test
    set. runs, reference: summaries; of the reference, round 0 is read. NaN where the reference
    lacks that trial, or it diverged.
    """
    dense = reference[(reference["round"] == 0) & ~reference["diverged"].astype(bool)]
    dense = dense.drop_duplicates("trial").set_index("trial")
    beside = dense[[STOP, ACCURACY]].reindex(runs["trial"]).to_numpy(float)
    won = (runs[STOP].to_numpy() <= beside[:, 0]) & (runs[ACCURACY].to_numpy() >= beside[:, 1])
    return np.where(np.isnan(beside[:, 0]), np.nan, won)
