"""The mark on the face of a figure that was made below the paper's scale."""

from math import ceil

from matplotlib.figure import Figure


def stamp(figure: Figure, scale: dict[str, str]) -> None:
    """Say below the panels how much was run, unless it was all of the paper.

    scale: name, and a note such as "10,000 of 50,000 iterations, 3 of 5 trials".
    """
    if scale["name"] != "paper":
        text = ": ".join(part for part in (f"{scale['name']} scale", scale["note"]) if part)
        label = figure.supxlabel(
            text, x=0.995, ha="right", fontsize=8, color="firebrick", style="italic"
        )
        # In as few lines as fit the width of the figure.
        parts = text.split(", ")
        for lines in range(2, len(parts) + 1):
            if label.get_window_extent().width <= 0.99 * figure.bbox.width:
                break
            size = ceil(len(parts) / lines)
            rows = [", ".join(parts[i : i + size]) for i in range(0, len(parts), size)]
            label.set_text(",\n".join(rows))
