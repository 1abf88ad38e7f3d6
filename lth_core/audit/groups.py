"""Groups the jobs of a graph for a reader: one line per experiment."""

import re
from typing import NamedTuple

from lth_core.audit.graph import Graph, Node
from lth_core.audit.manifests import output_file
from lth_core.words import plural, span

# Where a run lies: experiment with the folders above it, its name, round, and trials or several.
_RUN = re.compile(r"^(.*runs/([^/]+))/round_(\d+)/trials?_(\d+(?:-\d+)*)/[^/]+$")


class Group(NamedTuple):
    """Jobs that are one line: those of one experiment, or a single one."""

    label: str
    nodes: tuple[Node, ...]


def started_from(group: Group, shown: set[str]) -> str:
    """Return which experiments further up these jobs start from."""
    own = {node.path for node in group.nodes}
    names = {
        experiment.rpartition("/")[2]
        for node in group.nodes
        for path in node.parents
        if path in shown - own and (experiment := _experiment(path))
    }
    return f", from {', '.join(sorted(names))} above" if names else ""


def nearest(graph: Graph, paths: list[str]) -> list[Node]:
    """Return the nodes at `paths` that none of the others is built on."""
    below: set[str] = set()
    pending = [parent for path in paths for parent in graph.nodes[path].parents]
    while pending:
        path = pending.pop()
        if path not in below:
            below.add(path)
            pending += graph.nodes[path].parents
    return [graph.nodes[path] for path in paths if path not in below]


def grouped(graph: Graph, nodes: list[Node], shown: set[str]) -> list[Group]:
    """Return nodes as groups; with a run, all the rounds of its experiment not shown yet."""
    alone: list[Group] = []
    runs: dict[str, dict[str, Node]] = {}
    for node in nodes:
        experiment = _experiment(node.path)
        if experiment is None:
            alone.append(Group(label(node), (node,)))
            continue
        pending = [node]
        members = runs.setdefault(experiment, {})
        while pending:
            member = pending.pop()
            known = member.path in members or member.path in shown
            if not known and _experiment(member.path) == experiment:
                members[member.path] = member
                pending += [graph.nodes[path] for path in member.parents]
    jobs = [list(members.values()) for members in runs.values()]
    return [Group(_group_label(group), tuple(group)) for group in jobs] + alone


def _group_label(nodes: list[Node]) -> str:
    """Return e.g. "10 training jobs of lenet_imp: rounds 0-4, trials 0-1"."""
    experiment, rounds, trials = set(), set(), set()
    for node in nodes:
        place = _RUN.match(node.path)
        if place:
            experiment.add(place[2])
            rounds.add(int(place[3]))
            trials |= {int(trial) for trial in place[4].split("-")}
    number = len(nodes)
    jobs = f"{number} training {plural('job', number)} of {', '.join(sorted(experiment))}"
    return f"{jobs}: {span('round', rounds)}, {span('trial', trials)}"


def label(node: Node) -> str:
    """Return what a job is, in words."""
    settings = node.settings
    if node.kind == "figure":
        files = " ".join(output_file(output.name).rpartition(".")[2] for output in node.outputs)
        return f"{settings['figure']} at scale {settings['scale']['name']} ({files})"
    if node.kind == "dataset":
        return f"data set {settings['dataset']} ({node.path})"
    if node.trains and _experiment(node.path):  # else it was copied elsewhere, or set aside
        return _group_label([node])
    return f"{node.kind} {node.folder}" if node.manifest else node.path


def _experiment(path: str) -> str | None:
    match = _RUN.match(path)
    return match[1] if match else None
