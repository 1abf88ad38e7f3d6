"""Selects the rows of the learning curves that figures and claims need."""

from collections.abc import Iterable, Iterator, Mapping
from math import gcd
from typing import Any

from lth_core.config.block import Block
from lth_core.config.claims import Claim, experiments_of, matching
from lth_core.config.figure_at_scale import figure_at_scale
from lth_core.config.learning_figures import LearningCurves
from lth_core.config.load import Project
from lth_core.config.measured import Measured
from lth_core.config.pruning_figures import PruningCurves
from lth_core.config.training import Training
from lth_core.publish.thin import Kept

FEW = 20  # of all runs, also those that no figure draws a curve of, every 20th evaluation


def rows_needed(project: Project, claims: Iterable[Claim], experiment: str) -> Kept | None:
    """Return which rows of an experiment's curves `claims` and all the scale's figures read.

    None for v1's XOR experiments, which have no curves.
    """
    if experiment not in project.experiments:
        return None
    rounds: set[int] = set()
    iterations: set[int] = set()
    training = project.experiments[experiment].training
    measures = list(_measures(claims, experiment))
    patience = [measure.patience for measure in measures if measure.patience]
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
            patience += [figure.patience] if figure.patience else []
    # An epoch is one evaluation at least, as in lth_core/tables/patience.py.
    epochs = [max(_nearest(p.every, p.of, training), training.evaluate_every) for p in patience]
    every = gcd(*epochs) if epochs else FEW * training.evaluate_every  # patience reads all epochs
    iterations |= {_nearest(m.at, m.of, training) for m in measures if m.at and m.of}
    accuracies = {m.at for m in measures if m.at and m.y == "iterations_to_accuracy"}
    return Kept(sorted(rounds), sorted(iterations), every, sorted(accuracies))


def has_rows(kept: Mapping[str, Any], needed: Kept) -> bool:
    """Return whether curves published with the settings `kept` have what claims need of them."""
    keys = ("iterations", "accuracies")
    there = all(set(getattr(needed, key)) <= set(kept.get(key, ())) for key in keys)
    return there and needed.every % kept["every"] == 0


def _measures(claims: Iterable[Claim], experiment: str) -> Iterator[Measured]:
    """Yield what checks that name the experiment measure."""
    for claim in claims:
        for check in claim.entry.checks:
            if matching(experiments_of([check.statistic]), [experiment]):
                yield from _measured(check.statistic)


def _measured(block: Any) -> Iterator[Measured]:
    if isinstance(block, Measured):
        yield block
    if isinstance(block, Block):
        for key in type(block).model_fields:
            yield from _measured(getattr(block, key))


def _nearest(at: float, of: int, training: Training) -> int:
    """Return the evaluation of `training` that is nearest to iteration `at` of a run of `of`."""
    every, end = training.evaluate_every, training.iterations
    wanted = at / of * end
    return min([*range(0, end, every), end], key=lambda iteration: abs(iteration - wanted))
