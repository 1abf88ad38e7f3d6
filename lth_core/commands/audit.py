"""`lth audit`: what made a result, whether it is all still there, and whether to believe it."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from pyarrow import ArrowException
from safetensors import SafetensorError

from lth_core.audit import machine, replay_report, tree, why_text
from lth_core.audit.find import find
from lth_core.audit.replay import replay, sample
from lth_core.audit.report import Report
from lth_core.audit.report import audit as audited
from lth_core.audit.used_by import Use, uses
from lth_core.audit.why import why as why_of
from lth_core.errors import Failure

RESULTS = Path("results")
_COLOURS = {"verified": "green", "changed": "red", "missing": "yellow"}
_COLOURS |= {"stale": "yellow", "foreign": "yellow"}
_COLOURS |= {"identical": "green", "agrees": "green", "differs": "red", "failed": "yellow"}


def audit(
    file: Annotated[Path, typer.Argument(help="A figure, notebook, table, checkpoint, manifest.")],
    search: Annotated[
        list[Path] | None, typer.Option(help="Folders to look for the manifest in, too.")
    ] = None,
    why: Annotated[
        str | None, typer.Option(metavar="SERIES@X", help="Take a point to its runs.")
    ] = None,
    panel: Annotated[str | None, typer.Option(help="Of the point, where several have it.")] = None,
    again: Annotated[
        int,
        typer.Option("--replay", min=0, metavar="N", help="Run N jobs again, and compare."),
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of the jobs that --replay draws.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Prove what made FILE: find its manifest, and check every digest down to the data set.

    The exit status is 0 if all is verified, 1 if nothing contradicts the record but there are
    reservations (missing, stale, foreign), 2 if something was changed, nothing vouches for it, or
    a job that was replayed comes out differently.
    """
    folders = [RESULTS, *(search or [])]
    try:
        report = audited(find(file, folders))
        found: dict[str, Any]
        if why:
            found = _explain(report, why, panel, as_json)
        else:
            figure = report.graph.nodes[report.graph.top].kind == "figure"
            used = [] if figure else uses(report.found.manifest, folders)
            found = _tell(report, used, as_json)
        code = report.status.exit_code
        if again:
            code = max(code, _replay(report, again, seed, found, as_json))
        if as_json:
            print(json.dumps(found, indent=1), flush=True)
    except BrokenPipeError:  # of `| head`, which has seen enough
        raise
    except (Failure, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except (ArrowException, SafetensorError) as error:
        print(f"{file}: a file behind it is damaged: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    # From what a forged manifest lacks.
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        print(f"{file}: its manifests make no sense: {error!r}", file=sys.stderr)
        raise typer.Exit(2) from None
    raise typer.Exit(code)


def _tell(report: Report, used: list[Use], as_json: bool) -> dict[str, Any]:
    if not as_json:
        _print(tree.lines(report, used))
    return machine.report(report, used) if as_json else {}


def _explain(report: Report, text: str, panel: str | None, as_json: bool) -> dict[str, Any]:
    found = why_of(report, text, panel)
    if as_json:
        return machine.point(found, report)
    _print(why_text.lines(found, report))
    if report.status:
        text = f"Of all that is behind the figure something is {report.status}: audit it whole."
        _print(["", text])
    return {}


def _replay(report: Report, number: int, seed: int, found: dict[str, Any], as_json: bool) -> int:
    """Replay so many jobs, tell what comes of each at once, and return the exit status."""
    drawn = sample(report.graph, number, seed)
    if not as_json:
        _print(replay_report.announcement(drawn))
    replays = []
    for replayed in replay(drawn.nodes, report.graph):
        replays.append(replayed)
        if not as_json:
            _print(replay_report.lines(replayed))
    if not as_json:
        _print([replay_report.last_words(replays)])
    found["replay"] = replay_report.plain(drawn, replays)
    return max((replayed.outcome.exit_code for replayed in replays), default=0)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(_coloured(line) if sys.stdout.isatty() else line, flush=True)


def _coloured(line: str) -> str:
    word = line.split(" ", 1)[0]
    colour = _COLOURS.get(word)
    return typer.style(word, fg=colour) + line[len(word) :] if colour else line
