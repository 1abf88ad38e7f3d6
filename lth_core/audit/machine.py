"""An audit's findings for programs: plain values, with paths relative to the results' folder."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lth_core.audit.graph import Node
from lth_core.audit.report import Report
from lth_core.audit.status import Verdict
from lth_core.audit.used_by import Use
from lth_core.audit.why import Origin, Why


def report(report: Report, used: list[Use]) -> dict[str, Any]:
    """Return the report, and the figures that use the audited job."""
    graph = report.graph
    return {
        "file": str(report.found.file),
        "manifest": graph.top,
        "how": report.found.how,
        "status": str(report.status),
        "exit": report.status.exit_code,
        "remarks": report.remarks,
        "used_by": [use._asdict() for use in used],
        "nodes": [_node(node, report.verdicts[node.path]) for node in graph.nodes.values()],
    }


def point(why: Why, report: Report) -> dict[str, Any]:
    """Return what is behind a point."""
    return {
        "figure": why.figure,
        "panel": why.point.panel,
        "series": why.point.series,
        "x": why.point.x,
        "drawn": why.point.rows,
        "agrees": why.agrees,
        "table": why.table.path,
        "runs": [_run(origin, report) for origin in why.origins],
    }


def finite(value: Any) -> Any:
    """Return `value` with None for NaN and infinity, such as a diverged loss: JSON has neither."""
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _run(origin: Origin, report: Report) -> dict[str, Any]:
    return {
        **origin.reading._asdict(),
        "job": origin.job.path,
        "digest": origin.job.found,
        "status": str(report.verdicts[origin.job.path].status),
        "metrics": origin.metrics.to_dict("records"),
        "mask": origin.mask,
        "settings": origin.job.settings,
        "from": [
            {"role": a.role, "job": a.job.path, "trial": a.trial, "replicate": a.replicate}
            for a in origin.ancestors
        ],
    }


def _node(node: Node, verdict: Verdict) -> dict[str, Any]:
    return {
        "manifest": node.path,
        "digest": node.found,
        "recorded": node.recorded,
        "kind": node.kind,
        "status": str(verdict.status),
        "reasons": [{"status": str(r.status), "text": r.text} for r in verdict.reasons],
        "settings": node.settings,
        "code": node.manifest["code"] if node.manifest else None,
        "environment": node.environment,
        "source": node.source,
        "parents": node.parents,
        "outputs": [asdict(file) for file in node.outputs],
        "sources": [asdict(file) for file in node.sources],
    }
