"""`lth results`: lists the figures that are built."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from lth_core.commands.shared import RESULTS, SENSELESS
from lth_core.errors import Failure
from lth_core.figure_names import place, remarks
from lth_core.provenance import manifest


def results() -> None:
    """List the figures that are built, their scale and what that leaves out."""
    table = Table("figure", "scale", "file", "note")
    paths = RESULTS.glob("*/figures/*.manifest.json")
    for path in sorted(paths, key=lambda path: (_scale(path), place(_name(path)))):
        name, scale = _name(path), _scale(path)
        table.add_row(name, scale, str(path.with_name(f"{name}.png")), _note(path))
    if table.row_count == 0:
        raise Failure(f"{RESULTS}/ has no figures yet; `make quickstart` builds the first ones")
    table.columns[2].no_wrap = True
    Console().print(table)


def _name(figure: Path) -> str:
    return figure.name.removesuffix(f".{manifest.NAME}")


def _scale(figure: Path) -> str:
    return figure.parent.parent.name


def _note(figure: Path) -> str:
    """Return what a figure leaves out, by its manifest."""
    try:
        return "; ".join(remarks(manifest.read(figure)["settings"]["scale"]))
    except SENSELESS:
        return "its manifest is damaged; call snakemake again to remake it"
