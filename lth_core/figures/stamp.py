"""The label on a figure that shows less than the paper's."""

from math import ceil

from matplotlib.figure import Figure
from matplotlib.text import Text


def stamp(figure: Figure, scale: dict[str, str]) -> None:
    """Say below the panels how much was run, unless it was all of the paper.

    scale: name, a note such as "10,000 of 50,000 iterations, 3 of 5 trials", and of a figure that
    is drawn in part which lines were not run.
    """
    said = []
    if scale["name"] != "paper":
        said.append(": ".join(part for part in (f"{scale['name']} scale", scale["note"]) if part))
    if "not_run" in scale:
        said.append(f"not run: {scale['not_run']}")
    if said:
        label = figure.supxlabel(
            "", x=0.995, ha="right", fontsize=8, color="firebrick", style="italic"
        )
        label.set_text("\n".join([_fitting(label, text, figure) for text in said]))


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
