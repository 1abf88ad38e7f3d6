"""Explains a point by the runs behind it and the results that each left."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load_file

from lth_core.audit.graph import Graph, Node
from lth_core.audit.points import NoSuchPoint, Point, read_points, select
from lth_core.audit.readings import Reading, in_table, readings
from lth_core.audit.report import Report
from lth_core.training.checkpoint import lane_key


@dataclass(frozen=True)
class Ancestor:
    """A run that another starts from; role: "trained", "ticket", ..., as its job calls it."""

    role: str
    job: Node
    trial: int
    replicate: int


@dataclass(frozen=True)
class Origin:
    """What a run that was read left behind.

    metrics: its rows at the iteration that was read, or all where none is said. mask:
    weights that remain and weights in all, by tensor; empty where the file is gone.
    ancestors: the runs it starts from, the nearest first.
    """

    reading: Reading
    job: Node
    metrics: pd.DataFrame
    mask: Mapping[str, tuple[int, int]]
    ancestors: tuple[Ancestor, ...]


@dataclass(frozen=True)
class Why:
    """A point, its table and its runs.

    in_table: whether the table has the values of the runs; None where it has no such column.
    """

    figure: str
    point: Point
    table: Node
    origins: tuple[Origin, ...]
    in_table: bool | None

    @property
    def pooled(self) -> list[tuple[Mapping[str, str], list[float]]]:
        """Each line of the point, and what it pools: a round's runs that didn't diverge."""
        values: dict[int, list[float]] = {}
        for read in (origin.reading for origin in self.origins):
            found = values.setdefault(read.round, [])
            if read.counted and read.value is not None:
                found.append(float(read.value))
        return list(zip(self.point.rows, chain(values.values(), repeat([])), strict=False))

    @property
    def agrees(self) -> bool | None:
        """Whether the table's values give the numbers drawn; None where the point is no mean."""
        means = [agree(row, values) for row, values in self.pooled if "mean" in row]
        return self.in_table is not False and all(means) if means else self.in_table


def why(report: Report, text: str, panel: str | None) -> Why:
    """Return what is behind the point `SERIES@X` of a figure.

    Raises NoSuchPoint where it is in no panel or several, or its files are gone.
    """
    graph = report.graph
    figure = graph.nodes[graph.top]
    if figure.kind != "figure":
        raise NoSuchPoint(
            f"{figure.path} is of the kind {figure.kind}: points are asked of figures"
        )
    drawn = next(file for file in figure.outputs if file.name.endswith(".csv"))
    try:
        point = select(read_points(graph.root / drawn.path), text, panel)
        read = readings(point, figure, graph.root)
        table = _table(read[0].experiment, figure, graph)
        jobs = _jobs(table, graph)
        runs = [(reading.round, reading.trial, reading.replicate) for reading in read]
        gone = next((run for run in runs if run not in jobs), None)
        if gone is not None:
            raise NoSuchPoint(f"{text}: no manifest of the run {gone} is left")
        found = _origins([(r, jobs[run]) for r, run in zip(read, runs, strict=True)], graph)
        same = in_table(read, graph.root / table.folder)
    except FileNotFoundError as error:
        raise NoSuchPoint(f"{text}: {error.filename or error} is gone") from None
    return Why(figure.settings["figure"], point, table, tuple(found), same)


def agree(row: Mapping[str, str], values: list[float]) -> bool:
    """Return whether a line of the CSV says what the values give."""
    if not values:
        return row["mean"] == ""
    drawn = [float(row[name]) for name in ("mean", "minimum", "maximum", "n_runs")]
    found = [float(np.mean(values)), min(values), max(values), len(values)]
    return bool(np.allclose(drawn, found, rtol=1e-8, atol=0))


def _table(experiment: str, figure: Node, graph: Graph) -> Node:
    """Return the table of an experiment that a figure was drawn from."""
    for path in figure.parents:
        if graph.nodes[path].settings.get("experiment") == experiment:
            return graph.nodes[path]
    raise NoSuchPoint(f"{figure.path}: the manifest of the table of {experiment} is gone")


def lanes(settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield trial and replicate of each run of a job, with its parents by role."""
    if "lanes" in settings:
        yield from settings["lanes"]
        return
    parents = settings.get("parents", {})  # XOR: all trials side by side
    for trial in range(settings.get("trials", 0)):
        own = {role: {**parent, "trial": trial} for role, parent in parents.items()}
        yield {"trial": trial, "replicate": 0, "parents": own}


def _jobs(table: Node, graph: Graph) -> dict[tuple[int, int, int], Node]:
    """Return the job that trained each run of a table, by round, trial and replicate."""
    if table.kind == "published":
        table = graph.nodes[table.parents[0]]
    # Of masks that are compared, parents are also those of the other experiment.
    own = {one["run"]["folder"] for one in table.settings.get("comparisons", ())}
    return {
        (job.settings["round"], lane["trial"], lane["replicate"]): job
        for job in (graph.nodes[path] for path in table.parents)
        if not own or job.folder in own
        for lane in lanes(job.settings)
    }


def _origins(read: list[tuple[Reading, Node]], graph: Graph) -> list[Origin]:
    jobs = {job.path: job for _, job in read}
    left = {path: _left(job, graph.root) for path, job in jobs.items()}
    return [
        Origin(
            reading,
            job,
            _rows(left[job.path][0], reading),
            _mask(left[job.path][1], reading),
            tuple(_ancestors(job, reading.trial, reading.replicate, graph)),
        )
        for reading, job in read
    ]


def _left(job: Node, root: Path) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return metrics and masks that a job left; nothing of what is not published or not kept."""
    # Where an archived job's files lay may be those of another.
    there = {f.name: root / f.path for f in job.outputs if f.same or not job.archived}
    metrics, masks = there.get("metrics.parquet"), there.get("masks.safetensors")
    return (
        pd.read_parquet(metrics) if metrics else pd.DataFrame(),
        load_file(masks) if masks and masks.is_file() else {},
    )


def _rows(rows: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    if rows.empty:
        return rows
    for column in ("round", "trial", "replicate"):
        if column in rows:
            rows = rows[rows[column] == getattr(reading, column)]
    if reading.iteration is not None:
        rows = rows[rows["iteration"] == reading.iteration]
    return rows


def _mask(masks: Mapping[str, np.ndarray], reading: Reading) -> dict[str, tuple[int, int]]:
    prefix = lane_key(reading.trial, reading.replicate)
    own = {n.removeprefix(prefix): mask for n, mask in masks.items() if n.startswith(prefix)}
    if not own:  # XOR: the trials are the first axis
        own = {name: mask[reading.trial] for name, mask in masks.items()}
    return {name: (int(mask.sum()), mask.size) for name, mask in own.items()}


def _ancestors(job: Node, trial: int, replicate: int, graph: Graph) -> Iterator[Ancestor]:
    for lane in lanes(job.settings):
        if (lane["trial"], lane["replicate"]) != (trial, replicate):
            continue
        for role, parent in lane["parents"].items():
            path = f"{parent['folder']}/manifest.json"
            if path in graph.nodes:
                found = Ancestor(role, graph.nodes[path], parent["trial"], parent["replicate"])
                yield found
                yield from _ancestors(found.job, found.trial, found.replicate, graph)
