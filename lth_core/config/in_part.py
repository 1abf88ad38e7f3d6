"""Notes on a partly drawn figure: the lines that have not been run."""

from collections.abc import Collection, Iterator

from lth_core.config.figure_at_scale import experiments_at_scale, figure_at_scale
from lth_core.config.figures import AnyFigure, LearningCurves
from lth_core.config.load import Project
from lth_core.config.pruning_figures import SizeCurves
from lth_core.errors import NotPlanned


def has_parts(figure: AnyFigure) -> bool:
    """Return whether a figure can be drawn in part: it has lines, of several experiments."""
    return isinstance(figure, SizeCurves | LearningCurves) and len(figure.experiments) > 1


def left_out(project: Project, name: str, there: Collection[str]) -> list[str]:
    """Return the experiments of a figure that are not `there`.

    Raises NotPlanned where these are none, or all, or the figure has no parts.
    """
    if not has_parts(project.figures[name]):
        raise NotPlanned(f"no part of {name}: only lines of several experiments can be left out")
    missing = [one for one in experiments_at_scale(project, name) if one not in there]
    if not missing:
        raise NotPlanned(f"no part of {name}: all of it is there, so draw {name} itself")
    if not there:
        raise NotPlanned(f"no part of {name}: none is there at scale {project.config.scale}")
    return missing


def not_run(project: Project, name: str, there: Collection[str]) -> str:
    """Return which lines of a figure are missing, by their labels, if only `there` is drawn.

    there: experiments. Lines that other panels do have are told by panel: "Random reinit; Winning
    ticket in Conv-2, Conv-4".
    """
    shown: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    for panel, label, experiment in _lines(project, name):
        shown.setdefault(label, []).append(panel)
        if experiment not in there:
            missing.setdefault(label, []).append(panel)
    groups: dict[str, list[str]] = {}
    for label, panels in missing.items():
        where = "" if panels == shown[label] else f" in {', '.join(dict.fromkeys(panels))}"
        # "400, 134" is one label.
        groups.setdefault(where, []).append(f'"{label}"' if "," in label else label)
    return "; ".join(f"{', '.join(labels)}{where}" for where, labels in groups.items())


def _lines(project: Project, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield panel, label and experiment of every line that the scale has, and of its maps."""
    spec = figure_at_scale(project, name)
    for panel in spec["panels"]:
        lines = panel.get("series") or [
            line for line in spec["series"] if line["experiment"] in panel["experiments"]
        ]
        for line in lines:
            experiment = line["experiment"]
            label = line["label"].replace("{percent}", f"round {line.get('round')}")
            trials = project.experiments[experiment].trials
            label = label.replace("{trial}", f"1-{trials}" if trials > 1 else "1")
            yield panel["title"] or panel["name"], label, experiment
    if "maps" in spec:
        yield "maps", "maps", spec["maps"]["experiment"]
