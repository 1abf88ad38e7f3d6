"""Figures of how local the masks of tickets are."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lth_core.config.mask_figures import Maps, MaskMaps
from lth_core.figures import lines, runs, style
from lth_core.figures.pruning_curves import draw_panels

COLOURS = "vlag"  # of seaborn: blue below 1, red above


def draw(
    spec: MaskMaps, structure: pd.DataFrame, displacements: pd.DataFrame, paper: pd.DataFrame
) -> tuple[Figure, pd.DataFrame, pd.DataFrame]:
    """Return the figure, the numbers in it and the runs behind them (lth_core/figures/runs.py).

    structure, displacements: of lth_core/jobs/structure.py. paper: curves behind the lines. The
    numbers are those of lines (lth_core/figures/pruning_curves.py). Of a map every row is a line,
    such as "lenet_imp 3 down"; x is pixels to the right, and the mean is over the ratios of the
    runs: the share of pairs at that displacement over the one expected.
    """
    of_maps = displacements[displacements["experiment"] == spec.maps.experiment]
    chosen = rounds_of(spec.maps, of_maps)
    figure, grid = style.panels(spec, len(spec.panels) + len(chosen))
    # Masks are of no iteration, and do not diverge.
    of_runs = structure.assign(diverged=False, iterations=0)
    drawn = draw_panels(figure, grid, spec, of_runs, paper)
    numbers, behind = [line.points for line in drawn], [line.runs for line in drawn]
    highest = of_maps[of_maps["round"].isin(chosen)].groupby(["round", "right", "down"])["ratio"]
    scale = TwoSlopeNorm(1, vmin=0, vmax=max(highest.mean().max(), 2))
    titles = _titles(of_maps, chosen)
    for axes, number, title in zip(grid[len(spec.panels) :], chosen, titles, strict=True):
        rows = of_maps[of_maps["round"] == number]
        _draw_map(axes, rows, title, scale)
        read = runs.behind(
            rows,
            panel=title,
            series=rows["experiment"] + " " + rows["down"].astype(str) + " down",
            x=rows["right"].astype(float),
            quantity="ratio",
            value=rows["ratio"],
            iteration=pd.NA,
            diverged=False,
        )
        numbers.append(lines.aggregate(read))
        behind.append(read)
    return figure, pd.concat(numbers, ignore_index=True), runs.table(behind)


def rounds_of(maps: Maps, there: pd.DataFrame) -> list[int]:
    """Return the rounds that are drawn: those of `maps`, or the nearest below, each once."""
    below = [there.loc[there["round"] <= number, "round"].max() for number in maps.rounds]
    return sorted({int(number) for number in below if not pd.isna(number)})


def _titles(of_maps: pd.DataFrame, rounds: list[int]) -> list[str]:
    """Return what each map says of its round, by which its numbers are told apart."""
    left = of_maps.groupby("round")["percent_remaining"].mean()
    titles = [f"{left[number]:.1f}% remaining" for number in rounds]
    return [
        title if titles.count(title) == 1 else f"{title}, round {number}"
        for title, number in zip(titles, rounds, strict=True)
    ]


def _draw_map(axes: Axes, rows: pd.DataFrame, title: str, scale: TwoSlopeNorm) -> None:
    """Show the mean ratio at each displacement, in the colours of all maps: white is 1."""
    image = rows.pivot_table(index="down", columns="right", values="ratio", dropna=False)
    bottom, right = rows["down"].max() + 0.5, rows["right"].max() + 0.5
    shown = axes.imshow(image, cmap=COLOURS, norm=scale, extent=(-right, right, bottom, -bottom))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 3, 10]))
    axes.set_title(title)
    axes.set(xlabel="Pixels to the Right", ylabel="Pixels Down")
    axes.grid(visible=False)
    axes.set_facecolor(style.FAINT)  # of what has no ratio
    axes.figure.colorbar(shown, ax=axes, label="Pairs Observed / Expected")
