"""Figures of how much masks differ."""

import pandas as pd
from matplotlib.figure import Figure

from lth_core.config.distance_figures import MaskDistances
from lth_core.figures import pruning_curves


def draw(
    spec: MaskDistances, distances: pd.DataFrame, paper: pd.DataFrame
) -> tuple[Figure, pd.DataFrame, pd.DataFrame]:
    """Return the figure, the numbers in it and the runs behind them (lth_core/figures/runs.py).

    distances: of lth_core/jobs/distances.py. Else as in lth_core/figures/pruning_curves.py.
    """
    shown = distances[distances["reference"] == spec.reference]
    # Masks are of no iteration, and do not diverge.
    return pruning_curves.draw(spec, shown.assign(diverged=False, iterations=0), paper)
