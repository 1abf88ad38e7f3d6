"""`lth crate`: a figure with all that made it in one file, to be archived or handed on."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lth_core.audit.find import find
from lth_core.audit.report import audit
from lth_core.crate.export import export, figure_of
from lth_core.errors import Failure

RESULTS = Path("results")


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
    try:
        report = audit(find(figure, [RESULTS]))
        drawn = figure_of(report)
        crates = RESULTS / drawn["scale"]["name"] / "crates"
        target = out or crates / f"{drawn['figure']}.zip"
        names = export(report, target, weights)
    except (Failure, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    size = target.stat().st_size / 1e6
    print(f"{target}: {len(names)} files, {size:,.1f} MB; the audit said: {report.status}")
