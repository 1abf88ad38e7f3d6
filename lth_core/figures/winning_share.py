"""Figures of the share of a network's pruned versions that are winning tickets."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lth_core.config.pruning_figures import XAxis
from lth_core.config.share_figures import ShareSeries, WinningShare
from lth_core.figures import lines, runs, style
from lth_core.figures.axes import set_size_axis, set_value_axis
from lth_core.tables.winning import wins

PANEL = "winning_share"
SHARES = (-0.03, 1.03)  # so that neither 0 nor 1 lies on the frame


def draw(spec: WinningShare, summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame, pd.DataFrame]:
    """Return the figure, the numbers in it and the runs behind them (lth_core/figures/runs.py).

    summary: one row per run of the experiments that are drawn. The numbers are panel, series, x
    (thousands of weights of the dense network), mean, minimum, maximum, n_runs (chains of rounds),
    n_diverged. Networks that the scale leaves out have no point.
    """
    figure, (axes,) = style.panels(spec, 1)
    x = XAxis(quantity="weights_remaining", label=spec.xlabel)
    read = [_chains(spec, series, summary, x.per_unit) for series in spec.series]
    points = [
        lines.aggregate(one).sort_values("x", ascending=False, kind="stable", ignore_index=True)
        for one in read
    ]
    entries: style.Entries = {}
    for series, line in zip(spec.series, points, strict=True):
        entries[lines.look(series)] = lines.draw_line(axes, line, series)
        lines.mark_diverged(axes, line, series)
        if line["n_diverged"].any():
            entries[style.DIVERGED] = lines.diverged_entry()
    set_size_axis(axes, x, points[0]["x"])
    set_value_axis(axes, SHARES, points, spec.label)
    style.add_legend(figure, style.merged([entries]))
    return figure, pd.concat(points, ignore_index=True), runs.table(read)


def _chains(
    spec: WinningShare, series: ShareSeries, summary: pd.DataFrame, unit: int
) -> pd.DataFrame:
    """Return the runs behind a line: of each network's chains of rounds the last."""
    own = summary[summary["experiment"].isin(spec.networks)]
    return pd.concat(
        [
            _shares(series, rows, _reference(series, rows, summary), unit)
            for _, rows in own.groupby("experiment", sort=False)
        ]
    )


def _reference(series: ShareSeries, rows: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    return rows if series.reference is None else summary[summary["experiment"] == series.reference]


def _shares(
    series: ShareSeries, rows: pd.DataFrame, reference: pd.DataFrame, unit: int
) -> pd.DataFrame:
    """Return the share of rounds that win by trial, as that of the last round of its chain.

    rows: one network's runs. One that diverged is left out of the share, and a chain is counted
    as diverged where nothing is left.
    """
    pruned = rows[(rows["round"] > 0) & ~rows["diverged"].astype(bool)]
    won = pruned.assign(won=wins(pruned, reference)).groupby(["trial", "replicate"])["won"].mean()
    last = rows[rows["round"] == rows["round"].max()]
    chains = pd.MultiIndex.from_frame(last[["trial", "replicate"]])
    shares = won.reindex(chains).to_numpy()
    return runs.behind(
        last,
        panel=PANEL,
        series=series.name,
        x=rows.loc[rows["round"] == 0, "weights_remaining"].iloc[0] / unit,
        quantity="winning_share",
        value=shares,
        iteration=pd.NA,
        diverged=np.isnan(shares),
    )
