"""A report as a readable tree, with one line per experiment."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from lth_core.audit.graph import Node
from lth_core.audit.groups import Group, grouped, label, nearest, started_from
from lth_core.audit.report import Report
from lth_core.audit.status import Reason, Status, Verdict, worst
from lth_core.audit.used_by import Use
from lth_core.words import plural

_WIDTH = 9  # of the longest status
_MOST = 6  # lines of reasons below one line of the tree

_LAST_WORDS = {
    Status.VERIFIED: "Verified: every file is what its manifest says",
    Status.OMITTED: "Verified as far as it was kept: all that is here is what it was.",
    Status.FOREIGN: "Intact, with reservations: not all of it is known to be of this checkout.",
    Status.STALE: "Intact, with reservations: Snakemake would make some of it again.",
    Status.MISSING: "Intact as far as it is there: not all of it can be checked.",
    Status.CHANGED: "NOT what the manifests say: do not believe it before you know why.",
}


class _Told(NamedTuple):
    """What the lines so far said: jobs by path, and reasons that many jobs share."""

    shown: set[str]
    common: frozenset[Reason]


def lines(report: Report, used: list[Use]) -> Iterator[str]:
    """Yield the lines of the tree: status, then what it is the status of.

    used: the figures that use the audited job.
    """
    top = report.graph.nodes[report.graph.top]
    yield f"{report.found.file}: {report.found.how}"
    for remark in report.remarks:
        yield f"  {remark}"
    common = _common(report)
    for reason, jobs in common.items():
        yield f"  ! {reason.status}: {jobs} of {len(report.graph.nodes)} jobs: {reason.text}"
    yield ""
    yield from _branch(report, Group(label(top), (top,)), "", "", _Told(set(), frozenset(common)))
    for use in used:
        points = ", ".join(use.points) or "no point, but runs there start from it"
        yield f"{'':{_WIDTH}} used by {use.figure}: {points} ({use.manifest})"
    yield ""
    yield _counts(report)
    yield _last_words(report)


def _last_words(report: Report) -> str:
    words = _LAST_WORDS[report.status]
    if report.status != Status.VERIFIED:
        return words
    same = ", and this checkout would make the same" if report.compared else ""
    return f"{words}{same}."


def _branch(report: Report, group: Group, head: str, indent: str, told: _Told) -> Iterator[str]:
    verdicts = [report.verdicts[node.path] for node in group.nodes]
    above = started_from(group, told.shown)
    told.shown.update(node.path for node in group.nodes)
    yield f"{worst(verdicts)!s:{_WIDTH}} {head}{group.label}{above}{_tally(verdicts)}"
    parents = {p: None for node in group.nodes for p in node.parents if p not in told.shown}
    inner = grouped(report.graph, nearest(report.graph, list(parents)), told.shown)
    for text in _reasons(report, group, told.common):
        yield f"{'':{_WIDTH}} {indent}{'│  ' if inner else '   '}{text}"
    for number, branch in enumerate(inner):
        last = number == len(inner) - 1
        fork, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
        yield from _branch(report, branch, f"{indent}{fork}", f"{indent}{below}", told)


def _tally(verdicts: list[Verdict]) -> str:
    counts = Counter(verdict.status for verdict in verdicts)
    if len(counts) < 2:
        return ""
    texts = [f"{counts[status]} {status}" for status in sorted(counts, reverse=True)]
    return f" [{', '.join(texts)}]"


def _common(report: Report) -> dict[Reason, int]:
    """Return the reasons that more than half of all jobs share, and how many jobs do."""
    reasons = Counter(r for verdict in report.verdicts.values() for r in verdict.reasons)
    half = max(len(report.graph.nodes) / 2, 3)
    return {reason: jobs for reason, jobs in reasons.items() if jobs > half}


def _reasons(report: Report, group: Group, common: frozenset[Reason]) -> list[str]:
    """Return the reasons of a group's jobs, the worst first, the same ones in one line."""
    by_text: dict[tuple[Status, str], list[str]] = {}
    for node in group.nodes:
        for reason in report.verdicts[node.path].reasons:
            if reason in common:
                continue
            by_text.setdefault(reason, []).append(_place(node) if len(group.nodes) > 1 else "")
    texts = []
    for (status, text), places in sorted(by_text.items(), key=lambda item: -item[0][0]):
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        where = f"{places[0]}{more}: " if places[0] else ""
        texts.append(f"! {status}: {where}{text}")
    hidden = len(texts) - _MOST
    return texts if hidden < 2 else [*texts[:_MOST], f"! {hidden} more reasons (--json has all)"]


def _place(node: Node) -> str:
    return "/".join(node.path.split("/")[-3:-1])


def _counts(report: Report) -> str:
    nodes = report.graph.nodes.values()
    files = {file.path for node in nodes for file in (*node.outputs, *node.sources) if file.found}
    size = sum((report.graph.root / file).stat().st_size for file in files)
    data = [node for node in nodes if node.kind == "dataset"]
    names = ", ".join(
        f"{node.settings['dataset']} (digest {node.manifest.get('digest', '')[:8]})"
        for node in data
        if node.manifest
    )
    end = f", down to {names}" if names else ""
    manifests = f"{len(nodes)} {plural('manifest', len(nodes))}"
    return (
        f"{manifests} and {len(files)} {plural('file', len(files))} of {size / 1e6:,.0f} MB"
        f" hashed{end}"
    )
