"""What a figure is at a scale, and what its face says about that."""

from collections.abc import Callable, Sequence
from typing import Any

from lth_core.config.load import Project
from lth_core.config.models import Experiment


def figure_at_scale(project: Project, name: str) -> dict[str, Any]:
    """Return the figure's specification without the sweep points that the scale leaves out."""
    spec = project.figures[name].model_dump(mode="json")
    for block in (spec, *spec["panels"]):
        for key in ("series", "experiments"):
            if isinstance(block.get(key), list):
                block[key] = [item for item in block[key] if _name(item) not in project.dropped]
    return spec


def experiments_at_scale(project: Project, name: str) -> list[str]:
    """Return the experiments whose tables the figure reads at this scale."""
    return [e for e in project.figures[name].experiments if e not in project.dropped]


def scale_note(project: Project, name: str) -> str:
    """Return what is less than published in a figure, e.g. "10,000 of 50,000 iterations".

    Empty where all runs are as published.
    """
    names = experiments_at_scale(project, name)
    oneshot = [e for e in names if _is_oneshot(project, e)]
    iterative = [e for e in names if e not in oneshot]
    notes = [
        _shortfall("iterations", lambda e: e.training.iterations, names, project),
        _shortfall("rounds", lambda e: e.round_range[-1], iterative, project),
        _shortfall("one-shot sizes", lambda e: e.round_range[-1], oneshot, project),
        _shortfall("trials", lambda e: e.trials, names, project),
        _shortfall("replicates", lambda e: e.replicates, names, project),
    ]
    left_out = len(set(project.figures[name].experiments) & project.dropped)
    notes.append(f"{left_out} line{'s' * (left_out > 1)} left out" if left_out else "")
    return ", ".join(note for note in notes if note)


def _shortfall(
    label: str, get: Callable[[Experiment], int], names: list[str], project: Project
) -> str:
    """Return e.g. "2 of 5 trials", or "2 of 5 to 10 trials" where experiments differ."""
    pairs = [(get(project.experiments[e]), get(project.paper_experiments[e])) for e in names]
    short = [pair for pair in pairs if pair[0] != pair[1]]
    if not short:
        return ""
    ours, published = (_span(values) for values in zip(*short, strict=True))
    return f"{ours} of {published} {label}"


def _span(values: Sequence[int]) -> str:
    least, most = min(values), max(values)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _is_oneshot(project: Project, name: str) -> bool:
    mask = project.experiments[name].arm.mask
    if mask.source == "of":
        return _is_oneshot(project, mask.experiment)
    return mask.source == "oneshot"


def _name(item: Any) -> str:
    return item if isinstance(item, str) else str(item.get("experiment"))
