"""Tells whether Snakemake would run a job again."""

from collections.abc import Iterator, Mapping
from typing import Any

from lth_core.audit.checkout import Checkout
from lth_core.audit.differences import differences, sentence, without_others
from lth_core.audit.graph import Graph, Node
from lth_core.audit.integrity import short
from lth_core.audit.status import Reason, Status
from lth_core.errors import NotPlanned


def stale(node: Node, graph: Graph, checkout: Checkout) -> Iterator[Reason]:
    """Yield why this checkout would not leave the job as it is recorded."""
    if node.manifest is None:
        return
    yield from _inputs(node, graph)
    if checkout.problem:
        if checkout.is_broken and node.path == graph.top:
            text = "config/ has a mistake: not compared with settings and code"
            yield Reason(Status.FOREIGN, text)
        return
    try:
        planned = checkout.planned(node)
    except NotPlanned as error:
        yield Reason(Status.FOREIGN, f"config/ here does not plan it: {error}")
        return
    if planned is None:
        text = "no job here leaves its files where these lie: not compared with settings and code"
        yield Reason(Status.FOREIGN, text)
        return
    kind, job, code = planned
    yield from (Reason(Status.STALE, text) for text in other_job(node, kind, job))
    if node.manifest["code"] != code:
        text = f"code: fingerprint {node.manifest['code']}, here {code}"
        yield Reason(Status.STALE, text)


def other_job(node: Node, kind: str, planned: Mapping[str, Any]) -> Iterator[str]:
    """Yield how a job differs from the one planned now: its kind, or what it is told."""
    recorded = node.settings
    if node.kind != kind:
        yield f"kind: {node.kind}, here {kind}"
    found = differences(without_others(recorded), without_others(planned))
    if found:
        yield f"settings: {sentence(found, 'here')}"
    read, reads = recorded.get("reads", {}), planned["reads"]
    more, fewer = len(reads.keys() - read.keys()), len(read.keys() - reads.keys())
    if more or fewer:
        yield f"inputs: here {more} more files or jobs, and {fewer} of its own not"
    elif recorded != planned and not found:
        yield "settings: here it starts from other runs, or reads other files of them"


def _inputs(node: Node, graph: Graph) -> Iterator[Reason]:
    """Yield which inputs of a job have other content than when it was made, or are gone."""
    for source in node.sources:
        if source.found is None:
            text = f"{source.name} is gone (it was {short(source.recorded)})"
            yield Reason(Status.MISSING, text)
    parents = [graph.nodes[path] for path in node.parents]
    for path, found, recorded in (
        *((source.path, source.found, source.recorded) for source in node.sources),
        *((parent.path, parent.found, parent.recorded[node.path]) for parent in parents),
    ):
        if found and recorded != found:
            text = f"input: {path} is {short(found)}, was {short(recorded)}"
            yield Reason(Status.STALE, text)
