"""`lth crate`: a figure with all that made it in one file, to be archived or handed on."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lth_core.audit.find import NotFound, find
from lth_core.audit.report import audit
from lth_core.crate.export import export
from lth_core.crate.files import CrateError

RESULTS = Path("results")


def crate(
    figure: Annotated[Path, typer.Argument(help="A figure, such as results/figures/fig04.png.")],
    out: Annotated[
        Path | None, typer.Option(help="The zip file; results/crates/FIGURE.zip if not given.")
    ] = None,
    weights: Annotated[
        bool, typer.Option("--weights", help="With weights and masks of all runs.")
    ] = False,
) -> None:
    """Pack FIGURE, its manifests, tables, metrics and the workflow into an RO-Crate.

    It is audited before: nothing that contradicts its record is packed.
    """
    target = out or RESULTS / "crates" / f"{figure.name.partition('.')[0]}.zip"
    try:
        report = audit(find(figure, [RESULTS]))
        names = export(report, target, weights)
    except (NotFound, CrateError, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    size = target.stat().st_size / 1e6
    print(f"{target}: {len(names)} files, {size:,.1f} MB; the audit said: {report.status}")
