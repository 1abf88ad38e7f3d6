"""Explains why two versions of a result differ: the first jobs behind them that do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lth_core.audit.differences import differences, sentence, without_others
from lth_core.audit.graph import Graph, Node
from lth_core.audit.integrity import short
from lth_core.audit.manifests import output_file
from lth_core.jobs.kind import TABLES


@dataclass(frozen=True)
class Pair:
    """Two jobs in the same place. own: how they differ, apart from what they were built
    on. is_first: whether all that they were built on is the same."""

    first: Node
    second: Node
    own: tuple[str, ...]
    is_first: bool


@dataclass
class _Comparison:
    first: Graph
    second: Graph
    pairs: list[Pair] = field(default_factory=list)
    _seen: dict[tuple[str, str], bool] = field(default_factory=dict)

    def differ(self, one: str, other: str) -> bool:
        """Whether two jobs differ; adds the pairs that do, those built on nothing else first."""
        if (one, other) not in self._seen:
            self._seen[one, other] = False  # where a forged manifest names a descendant
            self._seen[one, other] = self._compare(self.first.nodes[one], self.second.nodes[other])
        return self._seen[one, other]

    def _compare(self, first: Node, second: Node) -> bool:
        if first.found is not None and first.found == second.found:
            return False
        if first.manifest is None or second.manifest is None:
            lost = first if first.manifest is None else second
            text = f"the manifest {lost.path} cannot be read"
            self.pairs.append(Pair(first, second, (text,), True))
            return True
        lost_inputs: list[str] = []
        below = False
        for one, other in _paired(first, second):
            recorded = first.manifest["inputs"][one], second.manifest["inputs"][other]
            if recorded[0] == recorded[1]:
                continue
            parents = self.first.nodes[one], self.second.nodes[other]
            gone = [
                f"input: {parent.path}, as it was ({short(digest)}), is not here any more"
                for parent, digest in zip(parents, recorded, strict=True)
                if parent.found != digest
            ]
            lost_inputs += gone
            below |= bool(gone) or self.differ(one, other)
        own = [*_own(first, second), *lost_inputs]
        if not own and not below and _outputs_differ(first, second):
            own.append("outputs differ, though settings, code and inputs do not")
        if own or below:
            self.pairs.append(Pair(first, second, tuple(own), not below or bool(lost_inputs)))
        return bool(own) or below


def compare(first: Graph, second: Graph) -> list[Pair]:
    """Return all pairs of jobs behind two results that differ, parents before children.

    Commits, and what is recorded of machines, count for nothing where the rest is the same.
    """
    comparison = _Comparison(first, second)
    comparison.differ(first.top, second.top)
    return comparison.pairs


def same_results(first: Graph, second: Graph) -> bool:
    """Return whether two jobs wrote the same, whatever it is called."""
    return not _outputs_differ(first.nodes[first.top], second.nodes[second.top])


def _outputs_differ(first: Node, second: Node) -> bool:
    written = [
        sorted((output_file(o.name).rpartition(".")[2], o.recorded) for o in node.outputs)
        for node in (first, second)
    ]
    return written[0] != written[1]


def _own(first: Node, second: Node) -> Iterator[str]:
    assert first.manifest is not None and second.manifest is not None
    settings = differences(without_others(first.settings), without_others(second.settings))
    if settings:
        yield f"settings: {sentence(settings, 'then', most=5)}"
    if first.manifest["code"] != second.manifest["code"]:
        yield f"code: fingerprint {first.manifest['code']}, then {second.manifest['code']}"
    inputs = differences(_sources(first), _sources(second))
    if inputs:
        yield f"inputs: {sentence(inputs, 'then', most=5)}"
    paired = len(_paired(first, second))
    alone = [len(node.parents) - paired for node in (first, second)]
    if any(alone):
        yield f"inputs: {alone[0]} jobs only of the first, {alone[1]} only of the second"
    environment = differences(first.environment, second.environment)
    if environment:
        yield f"environment: {sentence(environment, 'then', most=5)}"


def _sources(node: Node) -> dict[str, str]:
    return {file.name: short(file.recorded) for file in node.sources}


def _paired(first: Node, second: Node) -> list[tuple[str, str]]:
    """Return the inputs of two jobs that stand in the same place.

    By path, whatever the scale; else runs of the same round, and data sets, in order.
    """
    ours, theirs = ({_place(path): path for path in node.parents} for node in (first, second))
    pairs = [(ours[place], theirs[place]) for place in ours if place in theirs]
    left = {place: path for place, path in ours.items() if place not in theirs}
    right = {place: path for place, path in theirs.items() if place not in ours}
    for role in dict.fromkeys(_role(place) for place in left):
        one, other = ([p for n, p in s.items() if _role(n) == role] for s in (left, right))
        if role and len(one) == len(other):
            pairs += zip(one, other, strict=True)
    return pairs


def _place(path: str) -> str:
    folders = "|".join(("runs", *TABLES))
    return re.sub(rf"^results/(published/)?[^/]+/({folders})/", r"\1\2/", path)


def _role(place: str) -> str:
    """Return what a run or a data set is for another run; nothing for other jobs."""
    match = re.match(r"runs/[^/]+/(round_\d+)/|results/(data)/", place)
    return (match[1] or match[2]) if match else ""
