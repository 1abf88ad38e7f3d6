"""What a figure is at a scale, and what its face says about that."""

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
    pairs = [
        (project.experiments[e], project.paper_experiments[e])
        for e in experiments_at_scale(project, name)
    ]
    quantities = {
        "iterations": lambda e: e.training.iterations,
        "rounds": lambda e: e.round_range[-1],
        "trials": lambda e: e.trials,
        "replicates": lambda e: e.replicates,
    }
    notes = [_shortfall(label, get, pairs) for label, get in quantities.items()]
    left_out = len(set(project.figures[name].experiments) & project.dropped)
    notes.append(f"{left_out} line{'s' * (left_out > 1)} left out" if left_out else "")
    return ", ".join(note for note in notes if note)


def _shortfall(label: str, get: Any, pairs: list[tuple[Experiment, Experiment]]) -> str:
    short = sorted({(get(ours), get(paper)) for ours, paper in pairs if get(ours) != get(paper)})
    if not short:
        return ""
    if len(short) == 1:
        return f"{short[0][0]:,} of {short[0][1]:,} {label}"
    least, most = short[0][0], short[-1][0]
    ours = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return f"{ours} {label} (fewer than published)"


def _name(item: Any) -> str:
    return item if isinstance(item, str) else str(item.get("experiment"))
