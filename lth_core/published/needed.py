"""Which rows of the learning curves the figures need."""

from typing import Any

from lth_core.config.at_scale import figure_at_scale
from lth_core.config.learning_figures import LearningCurves
from lth_core.config.load import Project
from lth_core.config.pruning_figures import PruningCurves
from lth_core.published.thin import Kept

FEW = 20  # of all runs, also those that no figure draws a curve of, every 20th evaluation


def rows_needed(project: Project, experiment: str) -> Kept | None:
    """Return which rows of an experiment's curves all figures of the project's scale read.

    None for v1's XOR experiments, which have no curves.
    """
    if experiment not in project.experiments:
        return None
    rounds: set[int] = set()
    iterations: set[int] = set()
    for name, figure in project.figures.items():
        if experiment not in figure.experiments:
            continue
        panels: list[dict[str, Any]] = []
        if isinstance(figure, LearningCurves | PruningCurves):
            panels = figure_at_scale(project, name)["panels"]
        if isinstance(figure, LearningCurves):
            series = [one for panel in panels for one in panel["series"]]
            rounds |= {one["round"] for one in series if one["experiment"] == experiment}
        if isinstance(figure, PruningCurves):
            shown = [panel for panel in panels if experiment in panel["experiments"]]
            iterations |= {panel["at"] for panel in shown if panel["at"] is not None}
    every = FEW * project.experiments[experiment].training.evaluate_every
    return Kept(sorted(rounds), sorted(iterations), every)
