"""From a drawn point to the runs behind it, and what of each run was read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lth_core.audit.graph import Graph, Node
from lth_core.audit.points import NoSuchPoint, Point

_PRECISION = 1e-8  # of the numbers in a CSV
_PER_UNIT = {"percent_remaining": 1.0, "weights_remaining": 1000.0}


class Reading(NamedTuple):
    """What a point takes from one run.

    value: of `quantity`; None in histograms, which take a whole tensor. iteration: at which it
    was measured, None where it says nothing. counted: false for a diverged run.
    """

    round: int
    trial: int
    replicate: int
    quantity: str
    value: float | None
    iteration: int | None
    counted: bool


def table_of(point: Point, figure: Node, graph: Graph) -> Node:
    """Return the table that a point was drawn from. Raises NoSuchPoint where it is gone."""
    spec = figure.settings["spec"]
    name = spec.get("experiment") or point.series.partition("@")[0]
    for path in figure.parents:
        if graph.nodes[path].settings.get("experiment") == name:
            return graph.nodes[path]
    raise NoSuchPoint(f"{point.series}: the manifest of the table of {name} is gone")


def readings(point: Point, figure: Node, table: Node, root: Path) -> list[Reading]:
    """Return what a point was made of, a reading for each run."""
    spec = figure.settings["spec"]
    reader = _READERS.get(spec["notebook"])
    if reader is None:
        raise NoSuchPoint(f"figures of the family {spec['notebook']} have no points of runs")
    return reader(point, spec, root / table.folder, table.settings["trials"])


def _pruning(point: Point, spec: Mapping[str, Any], folder: Path, _: int) -> list[Reading]:
    panel = next(panel for panel in spec["panels"] if panel["name"] == point.panel)
    runs = pd.read_parquet(folder / "summary.parquet")
    quantity = panel["x"]["quantity"]
    runs = runs[np.isclose(runs[quantity] / _PER_UNIT[quantity], point.x, rtol=_PRECISION)]
    trial = point.series.partition("@trial")[2]
    if trial:
        runs = runs[runs["trial"] == int(trial)]
    name, at = panel["y"], panel.get("at")
    if at is not None:
        curves = pd.read_parquet(folder / "curves.parquet")
        split = name.removesuffix("_accuracy")
        curves = curves[(curves["iteration"] == at) & (curves["split"] == split)]
        runs = runs.merge(curves, on=["round", "trial", "replicate"], suffixes=("", "_"))
        name, runs = f"{name} at {at:,}", runs.rename(columns={"accuracy": f"{name} at {at:,}"})
    return [
        Reading(
            run["round"],
            run["trial"],
            run["replicate"],
            name,
            float(run[name]),
            at if at is not None else _iteration(panel["y"], run),
            not run["diverged"] and bool(np.isfinite(run[name])),
        )
        for run in runs.to_dict("records")
    ]


def _iteration(y: str, run: Mapping[Any, Any]) -> int:
    """Return the iteration at which a column of the summary was measured."""
    if y.startswith("end_"):
        return int(run["iterations"])
    if y == "convergence_iteration":
        return int(run["convergence_iteration"])
    test = "early_stop_iteration_test" if y.endswith("_test") else "early_stop_iteration"
    return int(run[test])


def _learning(point: Point, spec: Mapping[str, Any], folder: Path, _: int) -> list[Reading]:
    curves = pd.read_parquet(folder / "curves.parquet")
    percent = float(point.series.rpartition("@")[2])
    rows = curves[
        (curves["iteration"] == point.x)
        & (curves["split"] == spec["split"])
        & ((curves["percent_remaining"] - percent).abs() <= 0.05 + 1e-9)
    ]
    shown = {
        series["round"]
        for panel in spec["panels"]
        for series in panel["series"]
        if panel["name"] == point.panel and series["experiment"] == point.series.partition("@")[0]
    }
    rows = rows[rows["round"].isin(shown)]
    return [
        Reading(
            row["round"],
            row["trial"],
            row["replicate"],
            f"{spec['split']} {spec['y']}",
            float(row[spec["y"]]),
            int(point.x),
            bool(np.isfinite(row["loss"])),
        )
        for row in rows.to_dict("records")
    ]


def _histogram(point: Point, spec: Mapping[str, Any], folder: Path, trials: int) -> list[Reading]:
    bins = pd.read_parquet(folder / "distributions.parquet")
    same = bins["quantity"] == spec["quantity"]
    for column in ("left", "right", "density"):
        same &= np.isclose(bins[column], float(point.row[column]), rtol=_PRECISION)
    return [
        Reading(round_, trial, 0, spec["quantity"], None, None, True)
        for round_ in sorted(set(bins[same]["round"]))
        for trial in range(trials)
    ]


def _xor(point: Point, spec: Mapping[str, Any], folder: Path, _: int) -> list[Reading]:
    runs = pd.read_parquet(folder / "summary.parquet")
    runs = runs[runs["units"] == point.x]
    return [
        Reading(run["round"], run["trial"], 0, point.panel, run[point.panel], None, True)
        for run in runs.to_dict("records")
    ]


_READERS = {
    "pruning_curves": _pruning,
    "learning_curves": _learning,
    "distributions": _histogram,
    "xor_table": _xor,
}
