"""`lth plan`: what a figure, a family of experiments or everything costs, before it is run."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lth_core.config.errors import ConfigError
from lth_core.config.files import read_mapping
from lth_core.config.load import load
from lth_core.costs.hours import seconds, setups
from lth_core.costs.plan import EVERYTHING, Line, families, finished, lines, select
from lth_core.costs.run import Cost
from lth_core.costs.speed import Setup, Speed, measure
from lth_core.runs.plan import Plan

CONFIG = Path("config")
RESULTS = Path("results")
COSTS = CONFIG / "paper" / "compute.csv"

_NOTE = (
    "FLOPs are those of dense networks. Hours are a core's (a GPU's where there is one), from a"
    " measurement of a second or so a network: good to a factor of 1.5 or so."
    " Done: the manifest is there; what is stale, snakemake -n tells."
)


def plan(
    target: Annotated[
        str, typer.Argument(help="A figure, a family, an experiment, or all figures.")
    ] = EVERYTHING,
    scale: Annotated[str | None, typer.Option(help="Not that of config.yaml.")] = None,
    trials_per_job: Annotated[int | None, typer.Option(help="Not that of config.yaml.")] = None,
    cores: Annotated[int, typer.Option(min=1, help="Cores to work with.")] = os.cpu_count() or 1,
) -> None:
    """Print jobs, runs, FLOPs, hours on this machine and disk, and what is done already."""
    given = {"scale": scale, "trials_per_job": trials_per_job}
    try:
        settings = read_mapping(CONFIG / "config.yaml")
        settings |= {key: value for key, value in given.items() if value is not None}
        whole = Plan(load(CONFIG, settings))
        family = families(COSTS, whole.project.experiments)
        selection = select(whole, target, family)
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    done = finished(selection.jobs, RESULTS / whole.project.config.scale / "runs")
    group = family if target == EVERYTHING else {name: name for name in family}
    table = lines(whole, selection, done, group)
    left = [job for job in selection.jobs if job not in set(done)]
    speeds = _measured(setups(whole, left))
    hours = {line.name: 0.0 for line in table}
    for job in left:
        hours[group[job.experiment]] += seconds(whole, job, speeds) / 3600

    console = Console(width=None if sys.stdout.isatty() else 120)
    title = f"{target} at scale {whole.project.config.scale}"
    console.print(_table(title, "family" if group is family else "experiment", table, hours))
    total = sum(hours.values())
    console.print(
        f"{len(selection.figures)} figures. {total:,.1f} core hours are left: about"
        f" {total / cores:,.1f} hours with {cores} cores.\n{_NOTE}"
    )


def _measured(needed: list[Setup]) -> dict[Setup, Speed]:
    speeds = {}
    for number, setup in enumerate(needed, start=1):
        if sys.stderr.isatty():
            print(f"\rmeasuring {number} of {len(needed)}", end="", file=sys.stderr, flush=True)
        speeds[setup] = measure(setup)
    if needed and sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    return speeds


def _table(title: str, what: str, plan: list[Line], hours: Mapping[str, float]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(what, no_wrap=True)
    columns = ("jobs", "done", "runs", "trained", "iterations", "train FLOPs", "eval FLOPs")
    for column in (*columns, "hours left", "disk"):
        table.add_column(column, justify="right")
    for line in plan:
        table.add_row(*_cells(line, hours[line.name]))
    table.add_section()
    total = Line(
        "in all",
        sum(line.jobs for line in plan),
        sum(line.done for line in plan),
        sum(line.asked for line in plan),
        sum((line.cost for line in plan), Cost()),
    )
    table.add_row(*_cells(total, sum(hours.values())))
    return table


def _cells(line: Line, hours: float) -> list[str]:
    cost = line.cost
    flops = (cost.training_flops, cost.evaluation_flops)
    counts = (line.jobs, line.done, line.asked, cost.runs, cost.iterations)
    return [
        line.name,
        *(f"{number:,}" for number in counts),
        *(f"{number:.3g}" for number in flops),
        f"{hours:,.1f}" if hours >= 0.1 or hours == 0 else f"{60 * hours:.1f} min",
        _size(cost.disk),
    ]


def _size(number: float) -> str:
    for unit in ("kB", "MB", "GB", "TB"):
        number /= 1000
        if number < 1000 or unit == "TB":
            break
    return f"{number:.3g} {unit}"
