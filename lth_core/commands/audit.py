"""`lth audit`: what made a result, whether it is all still there, and whether to believe it."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from lth_core.audit import machine, tree, why_text
from lth_core.audit.find import NotFound, find
from lth_core.audit.points import NoSuchPoint
from lth_core.audit.report import Report
from lth_core.audit.report import audit as audited
from lth_core.audit.used_by import Use, uses
from lth_core.audit.why import why as why_of

RESULTS = Path("results")
_COLOURS = {"verified": "green", "changed": "red", "missing": "yellow"}
_COLOURS |= {"stale": "yellow", "foreign": "yellow"}


def audit(
    file: Annotated[Path, typer.Argument(help="A figure, notebook, table, checkpoint, manifest.")],
    search: Annotated[
        list[Path] | None, typer.Option(help="Folders to look for the manifest in, too.")
    ] = None,
    why: Annotated[
        str | None, typer.Option(metavar="SERIES@X", help="Take a point to its runs.")
    ] = None,
    panel: Annotated[str | None, typer.Option(help="Of the point, where several have it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Prove what made FILE: find its manifest, and check every digest down to the data set.

    The exit status is 0 if all is verified, 1 if nothing contradicts the record but there are
    reservations (missing, stale, foreign), 2 if something was changed or nothing vouches for it.
    """
    folders = [RESULTS, *(search or [])]
    try:
        report = audited(find(file, folders))
        if why:
            _explain(report, why, panel, as_json)
        else:
            figure = report.graph.nodes[report.graph.top].kind == "figure"
            used = [] if figure else uses(report.found.manifest, folders)
            _tell(report, used, as_json)
    except (NotFound, NoSuchPoint, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except (KeyError, TypeError, ValueError) as error:  # from what a forged manifest lacks
        print(f"{file}: its manifests make no sense: {error!r}", file=sys.stderr)
        raise typer.Exit(2) from None
    raise typer.Exit(report.status.exit_code)


def _tell(report: Report, used: list[Use], as_json: bool) -> None:
    if as_json:
        print(json.dumps(machine.report(report, used), indent=1))
        return
    for line in tree.lines(report, used):
        print(_coloured(line) if sys.stdout.isatty() else line)


def _explain(report: Report, text: str, panel: str | None, as_json: bool) -> None:
    found = why_of(report, text, panel)
    if as_json:
        print(json.dumps(machine.point(found, report), indent=1))
        return
    print("\n".join(why_text.lines(found, report)))
    if report.status:
        print(f"\nOf all that is behind the figure something is {report.status}: audit it whole.")


def _coloured(line: str) -> str:
    word = line.split(" ", 1)[0]
    colour = _COLOURS.get(word)
    return typer.style(word, fg=colour) + line[len(word) :] if colour else line
