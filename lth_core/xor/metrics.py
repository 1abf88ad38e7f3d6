"""Measurements of XOR networks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lth_core.xor.points import POINTS, losses


def metrics_table(job: Mapping[str, Any], logits: np.ndarray) -> pd.DataFrame:
    """Return one row a trial: the loss at the end, and the logit of each point.

    logits: (trials, points).
    """
    columns = {
        f"logit_{int(first)}{int(second)}": logits[:, point]
        for point, (first, second) in enumerate(POINTS)
    }
    return pd.DataFrame(
        {
            "round": job["round"],
            "units": job["units"],
            "trial": range(job["trials"]),
            "iterations": job["training"]["iterations"],
            "loss": losses(logits),
            **columns,
        }
    )
