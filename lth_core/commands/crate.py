"""`lth crate`: a figure with all that made it in one file, to be archived or handed on."""

from pathlib import Path
from typing import Annotated

import typer

from lth_core.audit.find import find
from lth_core.audit.report import audit
from lth_core.commands.shared import RESULTS
from lth_core.crate.export import export, figure_of
from lth_core.words import plural


def crate(
    figure: Annotated[Path, typer.Argument(help="A figure, results/SCALE/figures/fig04.png.")],
    out: Annotated[
        Path | None, typer.Option(help="The zip file, if not results/SCALE/crates/FIGURE.zip.")
    ] = None,
    weights: Annotated[
        bool, typer.Option("--weights", help="With weights and masks of all runs.")
    ] = False,
) -> None:
    """Pack FIGURE, its manifests, tables, metrics and the workflow into an RO-Crate.

    It is audited before: nothing that contradicts its record is packed.
    """
    report = audit(find(figure, [RESULTS]))
    drawn = figure_of(report)
    target = out or RESULTS / drawn["scale"]["name"] / "crates" / f"{drawn['figure']}.zip"
    names = export(report, target, weights)
    size = target.stat().st_size / 1e6
    files = f"{len(names)} {plural('file', len(names))}"
    print(f"{target}: {files}, {size:,.1f} MB; the audit said: {report.status}")
