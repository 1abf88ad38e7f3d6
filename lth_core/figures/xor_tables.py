"""Tables of how often XOR networks succeed, ours beside the slide's."""

from collections.abc import Iterator
from typing import Literal

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_core.config.xor_figures import XorCell, XorRow, XorTable
from lth_core.figures import runs, style
from lth_core.xor.success import wilson

Quantity = Literal["decision_boundary", "zero_loss"]
QUANTITIES: tuple[Quantity, ...] = ("decision_boundary", "zero_loss")
_SHORT = {"decision_boundary": "DB", "zero_loss": "ZL"}
_LABEL, _CELL, _HEAD, _ROW = 1.9, 0.95, 0.6, 0.85  # inches


def draw(spec: XorTable, summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame, pd.DataFrame]:
    """Return the figure, the numbers in it and the runs behind them (lth_core/figures/runs.py).

    summary: one row per round and trial of all experiments. For the numbers see `rates`.
    """
    numbers = rates(spec, summary)
    style.apply_theme()
    columns = len(QUANTITIES) * len(spec.rows[0].cells)
    width, height = _LABEL + columns * _CELL, _HEAD + len(spec.rows) * _ROW + 0.45
    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    plt.close(figure)  # a notebook shows the figure where it is named, not a second time
    axes.set(xlim=(0, width), ylim=(_HEAD + len(spec.rows) * _ROW, 0))
    axes.axis("off")
    dense_units = dict(zip(numbers["experiment"], numbers["dense_units"], strict=True))
    _draw_heads(axes, spec.rows[0], dense_units)
    for index, row in enumerate(spec.rows):
        top = _HEAD + index * _ROW
        axes.axhline(top, color="0.6", linewidth=0.8)
        _text(axes, 0.05, top + 0.37, row.label, 9, ha="left")
        for column, (_, entry) in enumerate(numbers[numbers["row"] == row.label].iterrows()):
            _draw_entry(axes, _LABEL + (column + 0.5) * _CELL, top, entry)
    trials = numbers["trials"].unique()
    figure.suptitle(
        f"Percent of {' or '.join(f'{n:,}' for n in sorted(trials))} trials [95 % interval];"
        " DB: decision boundary found, ZL: zero loss",
        fontsize=8.5,
        color=style.FAINT,
    )
    return figure, numbers, runs.table(list(_trials(spec, summary)))


def rates(spec: XorTable, summary: pd.DataFrame) -> pd.DataFrame:
    """Return both rates of every cell, in the order of the table.

    Columns: row, experiment, units, dense_units (before pruning), quantity, slide (percent),
    percent, low, high (95 % interval, Wilson), successes, trials; and the same of pruned networks
    among the trials whose dense network succeeded by the same criterion: percent_given_dense,
    low_given_dense, high_given_dense, successes_given_dense, trials_given_dense.

    Raises ValueError where an experiment has no networks of that size.
    """
    entries = [
        {"row": row.label, **_rate(cell, quantity, summary)}
        for row in spec.rows
        for cell in row.cells
        for quantity in QUANTITIES
    ]
    return pd.DataFrame(entries)


def _rate(cell: XorCell, quantity: Quantity, summary: pd.DataFrame) -> dict[str, object]:
    runs = summary[summary["experiment"] == cell.experiment]
    successes = runs.pivot(index="trial", columns="units", values=quantity)
    if cell.units not in successes:
        raise ValueError(
            f"{cell.experiment}: no networks of {cell.units} units, only {list(successes)}"
        )
    found, dense_units = successes[cell.units], int(successes.columns.max())
    succeeded = successes[dense_units] & (cell.units < dense_units)
    given = _with_interval(found[succeeded])
    return {
        "experiment": cell.experiment,
        "units": cell.units,
        "dense_units": dense_units,
        "quantity": quantity,
        "slide": getattr(cell, quantity),
        **_with_interval(found),
        **{f"{name}_given_dense": value for name, value in given.items()},
    }


def _trials(spec: XorTable, summary: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the trials of each cell and quantity, once: the quantity is the panel of the point."""
    cells = [(cell.experiment, cell.units) for row in spec.rows for cell in row.cells]
    for experiment, units in dict.fromkeys(cells):
        rows = summary[(summary["experiment"] == experiment) & (summary["units"] == units)]
        for name in QUANTITIES:
            yield runs.behind(
                rows.assign(replicate=0),
                panel=name,
                series=experiment,
                x=units,
                quantity=name,
                value=rows[name],
                iteration=pd.NA,
                diverged=False,
            )


def _with_interval(found: pd.Series) -> dict[str, float]:
    """Return the share of successes in percent, with its interval and what it is made of."""
    successes, trials = int(found.sum()), len(found)
    low, high = wilson(successes, trials)
    percent = 100 * successes / trials if trials else float("nan")
    return {
        "percent": percent,
        "low": 100 * low,
        "high": 100 * high,
        "successes": successes,
        "trials": trials,
    }


def _draw_heads(axes: Axes, row: XorRow, dense_units: dict[str, int]) -> None:
    for column, cell in enumerate(row.cells):
        left = _LABEL + len(QUANTITIES) * column * _CELL
        pruned = cell.units < dense_units[cell.experiment]
        _text(axes, left + _CELL, 0.18, f"{cell.units} units{' (pruned)' * pruned}", 9)
        for index, quantity in enumerate(QUANTITIES):
            _text(axes, left + (index + 0.5) * _CELL, 0.43, _SHORT[quantity], 8.5)
        axes.axvline(left, color="0.85", linewidth=0.8)
    axes.axhline(0, color="0.6", linewidth=0.8)


def _draw_entry(axes: Axes, x: float, top: float, entry: pd.Series) -> None:
    _text(axes, x, top + 0.2, f"{entry['percent']:.1f}", 10.5, weight="bold")
    _text(axes, x, top + 0.37, f"[{entry['low']:.1f}, {entry['high']:.1f}]", 7)
    _text(axes, x, top + 0.53, f"slide {entry['slide']:.1f}", 7.5, color=style.COLOURS["blue"])
    if entry["trials_given_dense"]:
        given = f"given {entry['dense_units']}: {entry['percent_given_dense']:.1f}"
        _text(axes, x, top + 0.69, given, 6.5, color=style.FAINT)


def _text(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    size: float,
    ha: Literal["left", "center"] = "center",
    color: str = "0.15",
    weight: str = "normal",
) -> None:
    axes.text(x, y, text, fontsize=size, ha=ha, va="center", color=color, weight=weight)
