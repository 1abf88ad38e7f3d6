"""`lth results`: lists the figures that are built."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from lth_core.commands.shared import RESULTS, SENSELESS
from lth_core.errors import Failure
from lth_core.figure_names import remarks
from lth_core.provenance import manifest
from lth_core.publish.drawn import drawn_in


def results() -> None:
    """List the figures that are built, their scale and what that leaves out."""
    table = Table("figure", "scale", "file", "note")
    for folder in sorted(RESULTS.glob("*/figures")):
        for name in drawn_in(folder):
            note = _note(folder / f"{name}.{manifest.NAME}")
            table.add_row(name, folder.parent.name, str(folder / f"{name}.png"), note)
    if table.row_count == 0:
        raise Failure(f"{RESULTS}/ has no figures yet; `make quickstart` builds the first ones")
    table.columns[2].no_wrap = True
    Console().print(table)


def _note(figure: Path) -> str:
    """Return what a figure leaves out, by its manifest."""
    try:
        return "; ".join(remarks(manifest.read(figure)["settings"]["scale"]))
    except SENSELESS:
        return "its manifest is damaged; call snakemake again to remake it"
