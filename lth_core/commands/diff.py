"""`lth diff`: explains why two versions of a figure, or two runs, differ."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lth_core.audit.compare import Pair, compare, same_results
from lth_core.audit.find import Found, find
from lth_core.audit.graph import Graph
from lth_core.audit.integrity import integrity, subject
from lth_core.audit.load import load_graph
from lth_core.audit.status import Status
from lth_core.commands.shared import RESULTS, Search, sensible
from lth_core.errors import Failure
from lth_core.words import plural


def diff(
    first: Annotated[Path, typer.Argument(help="A figure, table, run or manifest.")],
    second: Annotated[Path, typer.Argument(help="Another, or another version of it.")],
    search: Search = None,
) -> None:
    """Explain why two results differ: the first jobs behind them that do, and in what.

    The exit status is 0 if the results are the same, 1 if they differ, 2 if that is unknown.
    """
    folders = [RESULTS, *(search or [])]
    with sensible(first, second):
        found = [find(file, folders) for file in (first, second)]
        graphs = [load_graph(item.manifest, item.root, item.recorded) for item in found]
        wrong = [_contradictions(item, graph) for item, graph in zip(found, graphs, strict=True)]
        pairs, same = compare(*graphs), same_results(*graphs)
        which = "The results are" if not any(wrong) else "By their manifests the results are"
        but = ", but not all that made them" if same and pairs else ""
        print(f"{which} {'the same' if same else 'different'}{but}.")
        for word, item, texts in zip(("first", "then"), found, wrong, strict=True):
            print(f"  {word + ':':6} {item.file}: {item.how}")
            for text in texts:
                print(f"    NOT what its manifest says: {text}")
        print("\n".join(_lines(graphs[0], graphs[1], pairs)), flush=True)
    raise typer.Exit(2 if any(wrong) else 0 if same else 1)


def _contradictions(found: Found, graph: Graph) -> list[str]:
    """Return how a result differs from its manifest, which alone is compared.

    Raises Failure where the manifest cannot be read.
    """
    top = graph.nodes[graph.top]
    if top.manifest is None:
        raise Failure(f"{found.manifest} is no manifest, or damaged: nothing to compare")
    reasons = [*integrity(top, graph), *subject(found.file, top, graph)]
    return [reason.text for reason in reasons if reason.status == Status.CHANGED]


def _lines(first: Graph, second: Graph, pairs: list[Pair]) -> Iterator[str]:
    commits = [_commit(graph) for graph in (first, second)]
    if commits[0] != commits[1]:
        yield f"made by commit {commits[0]}, then {commits[1]}"
    if not pairs:
        yield "Settings, code, inputs and environment of all jobs behind them are the same."
    yield from _grouped("First difference", [pair for pair in pairs if pair.is_first])
    later = [pair for pair in pairs if not pair.is_first]
    yield from _grouped("Further difference", [pair for pair in later if pair.own])
    built = sum(1 for pair in later if not pair.own)
    if built:
        yield f"{built} more {plural('job', built)}, only because of what they were built on"


def _grouped(title: str, pairs: list[Pair]) -> Iterator[str]:
    by_text: dict[str, list[Pair]] = {}
    for pair in pairs:
        for text in pair.own:
            by_text.setdefault(text, []).append(pair)
    by_jobs: dict[tuple[str, ...], list[str]] = {}
    for text, group in by_text.items():
        by_jobs.setdefault(tuple(_names(pair) for pair in group), []).append(text)
    for names, texts in by_jobs.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield f"{title}: {names[0]}{more}"
        yield from (f"    {text}" for text in texts)


def _names(pair: Pair) -> str:
    one, other = pair.first.path, pair.second.path
    return one if one == other else f"{one}, {other}"


def _commit(graph: Graph) -> str:
    return str(graph.nodes[graph.top].source.get("commit", "unknown"))
