"""`lth deviations`: measures how far a figure's lines are from the paper's."""

from pathlib import Path
from typing import Annotated

import typer

from lth_core.audit.archive import PUBLISHED
from lth_core.commands.shared import CONFIG, RESULTS, Scale, project_at
from lth_core.config.errors import unknown_name
from lth_core.config.figure_at_scale import experiments_at_scale, figure_at_scale, note_of
from lth_core.config.in_part import not_run
from lth_core.config.load import Project
from lth_core.config.pruning_figures import PruningCurves
from lth_core.errors import Failure
from lth_core.partial import whole
from lth_core.provenance import manifest

CURVES = CONFIG / "paper" / "curves"


def deviations(
    figure: Annotated[str, typer.Argument(help="A figure of curves over sizes: fig04.")],
    scale: Scale = None,
) -> None:
    """Compare each line of FIGURE with the paper's, as read off its figures.

    Prints a Markdown table: mean and largest difference, with the interval over our trials. Takes
    tables from results/, else the published ones.
    """
    # Here, not above: they take seconds to load, and this file is loaded by every `lth`.
    from lth_core.figures.paper_curves import read
    from lth_core.publish.deviations import deviations as compared
    from lth_core.publish.deviations_text import markdown

    project = project_at(scale)
    figure = whole(figure)
    paper = read(_curves(figure, project))
    spec = PruningCurves.model_validate(figure_at_scale(project, figure))
    folders = _folders(figure, project)
    found = list(compared(spec, folders, paper))
    note, missing = note_of(project, list(folders)), not_run(project, figure, folders)
    print(markdown(figure, project.config.scale, note, missing, found))


def _curves(figure: str, project: Project) -> Path:
    """Return the file of the paper's curves of a figure."""
    if figure not in project.figures:
        raise unknown_name("deviations", figure, project.figures, "figure")
    spec = project.figures[figure]
    if not isinstance(spec, PruningCurves):
        raise Failure(
            f"{figure} is of the family {spec.notebook}; compared are figures of pruning_curves"
        )
    path = CURVES / f"{figure}.csv"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in CURVES.glob("*.csv")))
        raise Failure(
            f"{path} is not there: {figure} has no curves of the paper to be compared with."
            f" These have: {there}"
        )
    return path


def _folders(figure: str, project: Project) -> dict[str, Path]:
    """Return the folders of the tables of a figure that are there, by experiment."""
    scale = project.config.scale
    places = (RESULTS / scale / "tables", PUBLISHED / scale / "tables")
    found = {}
    for name in experiments_at_scale(project, figure):
        there = (f / name for f in places if (f / name / manifest.NAME).is_file())
        folder = next(there, None)
        if folder is not None:
            found[name] = folder
    if not found:
        raise Failure(
            f"no table of {figure} at scale {scale} is in {places[0]}/ or in {places[1]}/."
            f" To make them: snakemake --cores 2 --config scale={scale} -- {figure}"
        )
    return found
