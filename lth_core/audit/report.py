"""One audit: the graph behind a file, and what is to be said of each job in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from lth_core.audit.currency import Origin, stale
from lth_core.audit.find import Found
from lth_core.audit.graph import Graph, load_graph
from lth_core.audit.integrity import integrity, subject
from lth_core.audit.planned import Checkout
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
    checkout, origin = Checkout(found.root, graph), Origin(found.root, graph)
    verdicts = {}
    for node in graph.nodes.values():
        reasons = integrity(node, graph, checkout.removed)
        reasons += stale(node, graph, checkout) + origin.foreign(node)
        if node.path == graph.top:
            reasons += subject(found.file, node, graph)
        verdicts[node.path] = Verdict.of(dict.fromkeys(reasons))
    compared = checkout.problem is None
    return Report(found, graph, verdicts, compared, tuple(_remarks(graph, checkout)))


def _remarks(graph: Graph, checkout: Checkout) -> list[str]:
    sources = [node.manifest["source"] for node in graph.nodes.values() if node.manifest]
    commits = sorted({source.get("commit") or "none (no git)" for source in sources})
    remarks = [f"made by commit {', '.join(commits)}"] if commits else []
    machines = {
        str(node.manifest["environment"].get("processor"))
        for node in graph.nodes.values()
        if node.manifest
    }
    remarks += [f"on {', '.join(sorted(machines))}"] if machines else []
    if checkout.problem:
        remarks.append(f"not compared with settings and code: {checkout.problem}")
    return remarks
