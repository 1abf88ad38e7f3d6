"""Measurements of runs at a fixed iteration (Section 4, Figures 7, 8 and 38-45)."""

import pandas as pd

from lth_core.figures.runs import RUN


def measured_at(summary: pd.DataFrame, curves: pd.DataFrame, iterations: set[int]) -> pd.DataFrame:
    """Return `summary` with columns such as `test_accuracy_at_30000`, read from `curves`.

    A run that was not evaluated at an iteration has NaN there.
    """
    rows = curves[curves["iteration"].isin(iterations)]
    names = rows["split"] + "_accuracy_at_" + rows["iteration"].astype(str)
    wide = rows.assign(name=names).pivot(index=RUN, columns="name", values="accuracy")
    return summary.merge(wide.reset_index(), on=RUN, how="left", validate="one_to_one")
