"""Measurements of runs that are read from their learning curves, for figures against size."""

import pandas as pd

from lth_core.config.patience import Patience
from lth_core.figures.runs import RUN
from lth_core.tables.patience import patience_iterations


def measured_at(summary: pd.DataFrame, curves: pd.DataFrame, iterations: set[int]) -> pd.DataFrame:
    """Return `summary` with columns such as `test_accuracy_at_30000`, read from `curves`.

    Section 4, Figures 7, 8 and 38-45. A run that was not evaluated at an iteration has NaN there.
    """
    rows = curves[curves["iteration"].isin(iterations)]
    names = rows["split"] + "_accuracy_at_" + rows["iteration"].astype(str)
    wide = rows.assign(name=names).pivot(index=RUN, columns="name", values="accuracy")
    return summary.merge(wide.reset_index(), on=RUN, how="left", validate="one_to_one")


def with_patience(summary: pd.DataFrame, curves: pd.DataFrame, patience: Patience) -> pd.DataFrame:
    """Return `summary` with the column `patience_iteration`, read from `curves`."""
    by_experiment = [
        patience_iterations(rows, RUN, patience.epochs, patience.epoch)
        for _, rows in curves.groupby("experiment")
    ]
    stops = pd.concat(by_experiment).rename_axis(RUN).rename("patience_iteration")
    return summary.merge(stops.reset_index(), on=RUN, how="left", validate="one_to_one")
