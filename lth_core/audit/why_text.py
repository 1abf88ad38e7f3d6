"""The explanation of a point, as text."""

from collections.abc import Iterator
from typing import Any

from lth_core.audit.integrity import short
from lth_core.audit.report import Report
from lth_core.audit.why import Origin, Why, agree

_MOST = 10  # runs that are shown


def lines(why: Why, report: Report) -> Iterator[str]:
    """Yield the lines that explain a point."""
    point = why.point
    where = f" in panel {point.panel}" if point.panel else ""
    yield f"{why.figure}: {point.series} at {point.x:.6g}{where}"
    for row, values in why.pooled:
        numbers = {key: value for key, value in row.items() if key not in ("panel", "series")}
        yield "  drawn: " + ", ".join(f"{key} {value}" for key, value in numbers.items() if value)
        if "mean" in row:
            answer = "the same" if agree(row, values) else "NOT what is drawn"
            yield f"  pooled again from the runs below: {_recomputed(values)}: {answer}"
    yield f"  table: {why.table.folder} ({report.verdicts[why.table.path].status})"
    if why.in_table is False:
        yield "  the values of the runs below are NOT those of the table"
    for origin in why.origins[:_MOST]:
        yield ""
        yield from _run(origin, report)
    if len(why.origins) > _MOST:
        yield f"\nand {len(why.origins) - _MOST} more runs (--json has all)"
    if report.status:
        status = report.status
        yield f"\nAudit the whole figure: some of what is behind it is {status}."


def _run(origin: Origin, report: Report) -> Iterator[str]:
    read, job, settings = origin.reading, origin.job, origin.job.settings
    value = "" if read.value is None else f" = {read.value:.6g}"
    counted = "" if read.counted else " (diverged: not counted)"
    place = f"round {read.round}, trial {read.trial}, replicate {read.replicate}"
    at = f" at {read.iteration:,}" if read.of_curve else ""
    yield f"{place}: {read.quantity}{at}{value}{counted}"
    status = report.verdicts[job.path].status
    yield f"  job       {job.folder} (manifest {short(job.found)}, {status})"
    for row in origin.metrics.head(4).to_dict("records"):
        yield "  metrics   " + ", ".join(_cell(key, row[key]) for key in row if key not in _PLACE)
    for name, (left, size) in origin.mask.items():
        yield f"  mask      {name}: {left:,} of {size:,} ({left / size:.2%})"
    seeds = {"seed": settings["seed"]}
    if "dataset" in settings:
        seeds["split"] = settings["dataset"].get("split_seed", 0)
    yield f"  seeds     {_listed(seeds)}, trial {read.trial}, replicate {read.replicate}"
    yield f"  settings  {_listed(settings['training'])}"
    arm = {key: settings[key]["source"] for key in ("mask", "weights") if key in settings}
    if arm:
        yield f"  arm       {_listed(arm | {'engine': settings.get('engine')})}"
    steps = [f"{a.role} {a.job.folder.split('runs/')[-1]}" for a in origin.ancestors]
    if steps:
        yield f"  from      {' <- '.join(steps)}"


_PLACE = ("round", "trial", "replicate", "weights", "weights_remaining")


def _cell(key: Any, value: Any) -> str:
    return f"{key} {value:.6g}" if isinstance(value, float) else f"{key} {value}"


def _listed(values: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items() if value is not None)


def _recomputed(values: list[float]) -> str:
    if not values:
        return "nothing, all diverged"
    mean = f"mean {sum(values) / len(values):.10g}"
    return f"{mean} ({min(values):.10g} to {max(values):.10g}, n = {len(values)})"
