"""The label on a figure: what its lines and bars are, and what is less than in the paper's."""

from math import ceil

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.text import Text

from lth_core.figures.style import FAINT


def stamp(figure: Figure, scale: dict[str, str], numbers: pd.DataFrame) -> None:
    """Say below the panels what lines and bars are, and how much was run if it was not all.

    scale: name, a note such as "10,000 of 50,000 iterations, 3 of 5 trials", and of a figure that
    is drawn in part which lines were not run. numbers: those in the figure, with n_runs of lines
    and n_trials of histograms.
    """
    less = []
    if scale["name"] != "paper":
        less.append(": ".join(part for part in (f"{scale['name']} scale", scale["note"]) if part))
    if "not_run" in scale:
        less.append(f"not run: {scale['not_run']}")
    said = [*_lines(numbers), *_histograms(numbers), *less]
    if said:
        colour = "firebrick" if less else FAINT
        label = figure.supxlabel("", x=0.995, ha="right", fontsize=8, color=colour, style="italic")
        label.set_text("\n".join([_fitting(label, text, figure) for text in said]))


def _lines(numbers: pd.DataFrame) -> list[str]:
    """Return what lines and bars show; nothing where there are none."""
    counts = numbers.get("n_runs", pd.Series(dtype=int))
    several = counts[counts > 1]
    if several.empty:
        return []
    single = "; without bars: one run" if (counts == 1).any() else ""
    return [f"lines: means of {_number(several)} runs; bars: smallest to largest{single}"]


def _histograms(numbers: pd.DataFrame) -> list[str]:
    """Return how many trials histograms pool; nothing where there are none, or of one trial."""
    counts = numbers.get("n_trials", pd.Series(dtype=int))
    return [f"histograms: {_number(counts)} trials pooled"] if counts.max() > 1 else []


def _number(counts: "pd.Series[int]") -> str:
    fewest, most = counts.min(), counts.max()
    return f"{most}" if fewest == most else f"{fewest} to {most}"


def _fitting(label: Text, text: str, figure: Figure) -> str:
    """Return a text in as few lines as fit the width of the figure, broken after commas."""
    parts = text.split(", ")
    label.set_text(text)
    for lines in range(2, len(parts) + 1):
        if label.get_window_extent().width <= 0.99 * figure.bbox.width:
            break
        size = ceil(len(parts) / lines)
        rows = [", ".join(parts[i : i + size]) for i in range(0, len(parts), size)]
        label.set_text(",\n".join(rows))
    return label.get_text()
