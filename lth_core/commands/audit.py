"""`lth audit`: traces what made a result, and checks that it is intact and current."""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer
from pyarrow import ArrowException
from safetensors import SafetensorError

from lth_core.audit import machine, replay_report, tree, why_text
from lth_core.audit.find import find
from lth_core.audit.graph import Graph
from lth_core.audit.replay import Replay, Sample, replay, sample
from lth_core.audit.report import Report
from lth_core.audit.report import audit as audited
from lth_core.audit.status import Status
from lth_core.audit.used_by import uses
from lth_core.audit.why import Why
from lth_core.audit.why import why as why_of
from lth_core.commands.shared import RESULTS, SENSELESS, Search, sensible

_COLOURS = {"verified": "green", "changed": "red", "missing": "yellow"}
_COLOURS |= {"stale": "yellow", "foreign": "yellow"}
_COLOURS |= {"identical": "green", "agrees": "green", "differs": "red", "failed": "yellow"}


def audit(
    file: Annotated[Path, typer.Argument(help="A figure, notebook, table, checkpoint, manifest.")],
    search: Search = None,
    why: Annotated[
        str | None, typer.Option(metavar="SERIES@X", help="Trace a point to its runs.")
    ] = None,
    panel: Annotated[str | None, typer.Option(help="Panel, if the point is in several.")] = None,
    again: Annotated[
        int,
        typer.Option("--replay", min=0, metavar="N", help="Rerun N jobs and compare."),
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed for the jobs that --replay draws.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Prove what made FILE: find its manifest, and check every digest down to the data set.

    The exit status is 0 if all is verified, 1 if nothing contradicts the record but there are
    reservations (missing, stale, foreign), 2 if something was changed, nothing vouches for it, a
    point is not what its runs give, or a job that was replayed comes out differently.
    """
    folders = [RESULTS, *(search or [])]

    def show(lines: Iterable[str]) -> None:
        for line in () if as_json else lines:
            print(_coloured(line) if sys.stdout.isatty() else line, flush=True)

    with sensible(file):
        report = audited(find(file, folders))
        code = report.status.exit_code
        point = _point(report, why, panel) if why else None
        if point:
            show(why_text.lines(point, report))
            found = machine.point(point, report)
            code = Status.CHANGED.exit_code if point.agrees is False else code
        else:
            figure = report.graph.nodes[report.graph.top].kind == "figure"
            used = [] if figure else uses(report.found.manifest, folders)
            show(tree.lines(report, used))
            found = machine.report(report, used)
        if again:
            drawn = sample(report.graph, again, seed)
            replays = _replay(drawn, report.graph, show)
            found["replay"] = replay_report.plain(drawn, replays)
            code = max([code, *(replayed.outcome.exit_code for replayed in replays)])
        if as_json:
            print(json.dumps(machine.finite(found), indent=1, allow_nan=False), flush=True)
    raise typer.Exit(code)


def _point(report: Report, why: str, panel: str | None) -> Why | None:
    """Return what is behind a point; None where it is damaged, which the report on all tells."""
    try:
        return why_of(report, why, panel)
    except (ArrowException, SafetensorError, *SENSELESS):
        if report.status is not Status.CHANGED:
            raise
        return None


def _replay(drawn: Sample, graph: Graph, show: Callable[[Iterable[str]], None]) -> list[Replay]:
    """Replay jobs, and show at once what comes of each."""
    replays = []
    show(replay_report.announcement(drawn))
    for replayed in replay(drawn.nodes, graph):
        replays.append(replayed)
        show(replay_report.lines(replayed))
    show([replay_report.last_words(replays)])
    return replays


def _coloured(line: str) -> str:
    word = line.split(" ", 1)[0]
    colour = _COLOURS.get(word)
    return typer.style(word, fg=colour) + line[len(word) :] if colour else line
