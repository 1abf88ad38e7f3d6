"""`lth crate`: packs a figure and all that made it into one file, to archive or share."""

from pathlib import Path
from typing import Annotated

import typer

from lth_core.audit.find import find
from lth_core.audit.report import audit
from lth_core.commands.shared import RESULTS, sensible
from lth_core.crate.export import check_target, export, export_workflow, figure_at
from lth_core.words import plural


def crate(
    figure: Annotated[
        Path | None, typer.Argument(help="A figure, results/SCALE/figures/fig04.png.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Zip file; by default results/SCALE/crates/FIGURE.zip or workflow.zip."),
    ] = None,
    weights: Annotated[
        bool, typer.Option("--weights", help="Include weights and masks of all runs.")
    ] = False,
    workflow: Annotated[
        bool, typer.Option("--workflow", help="Pack the workflow alone, without results.")
    ] = False,
) -> None:
    """Pack FIGURE, its manifests, tables, metrics and the workflow into an RO-Crate.

    The figure is audited first: nothing that contradicts its record is packed.
    """
    if workflow == (figure is not None):
        raise typer.BadParameter("name a figure, or give --workflow alone")
    if workflow and weights:
        raise typer.BadParameter("--weights are those of a figure's runs: --workflow packs none")
    if figure is None:
        target = out or Path("workflow.zip")
        check_target(target)
        names, said = export_workflow(Path(), target), ""
    else:
        with sensible(figure):
            found = find(figure, [RESULTS])
            drawn = figure_at(found.manifest)
            target = out or RESULTS / drawn["scale"]["name"] / "crates" / f"{drawn['figure']}.zip"
            check_target(target)
            report = audit(found)
            names = export(report, target, weights)
        said = f"; the audit said: {report.status}"
    size = target.stat().st_size / 1e6
    print(f"{target}: {len(names)} {plural('file', len(names))}, {size:,.1f} MB{said}")
