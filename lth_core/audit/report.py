"""One audit: the graph behind a file, and the findings on each of its jobs."""

from collections.abc import Mapping
from dataclasses import dataclass

from lth_core.audit.checkout import Checkout
from lth_core.audit.find import Found
from lth_core.audit.graph import Graph
from lth_core.audit.integrity import integrity, subject
from lth_core.audit.load import load_graph
from lth_core.audit.repository import Repository
from lth_core.audit.staleness import stale
from lth_core.audit.status import Status, Verdict, worst


@dataclass(frozen=True)
class Report:
    """found: the file and its manifest. verdicts: by path of the manifest. compared: whether
    there is a config to compare with. remarks: what counts for or against nothing."""

    found: Found
    graph: Graph
    verdicts: Mapping[str, Verdict]
    compared: bool
    remarks: tuple[str, ...]

    @property
    def status(self) -> Status:
        """The worst of all jobs'."""
        return worst(self.verdicts.values())


def audit(found: Found) -> Report:
    """Return the report on a file whose manifest was found: every digest is recomputed."""
    graph = load_graph(found.manifest, found.root, found.recorded)
    checkout, repository = Checkout(found.root, graph), Repository(found.root, graph)
    verdicts = {}
    for node in graph.nodes.values():
        reasons = integrity(node, graph, checkout.removed)
        reasons += [*stale(node, graph, checkout), *repository.foreign(node)]
        if node.path == graph.top:
            reasons += subject(found.file, node, graph)
        worst_first = sorted(dict.fromkeys(reasons), key=lambda reason: -reason.status)
        verdicts[node.path] = Verdict(tuple(worst_first))
    compared = checkout.problem is None
    return Report(found, graph, verdicts, compared, tuple(_remarks(graph, checkout)))


def _remarks(graph: Graph, checkout: Checkout) -> list[str]:
    known = [node for node in graph.nodes.values() if node.context]
    commits = sorted({str(node.source.get("commit") or "none") for node in known})
    machines = sorted({str(node.environment.get("processor")) for node in known})
    remarks = [f"made by commit {', '.join(commits)}"] if commits else []
    remarks += [f"on {', '.join(machines)}"] if machines else []
    if checkout.problem:
        remarks.append(f"not compared with settings and code: {checkout.problem}")
    return remarks
