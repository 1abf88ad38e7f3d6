"""`lth plan`: estimates the cost of figures, families of experiments or everything."""

import os
import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated

import typer
import yaml
from rich.console import Console
from rich.filesize import decimal
from rich.progress import Progress
from rich.table import Table

from lth_core.commands.shared import CONFIG, RESULTS, Scale, project_at
from lth_core.commands.watch import follow
from lth_core.config.config import KeepCheckpoints
from lth_core.costs.jobs import Setup
from lth_core.costs.left import duration, longest_chain
from lth_core.costs.plan import EVERYTHING, Line, families, finished, lines, seconds, select
from lth_core.costs.speed import Speed, measure
from lth_core.runs.finished import finished_below
from lth_core.runs.kept import REMOVED
from lth_core.runs.plan import Plan
from lth_core.words import plural

COSTS = CONFIG / "paper" / "compute.csv"

_NOTE = (
    "Runs: what these experiments ask for, including runs that others train. Trained: what these"
    " train, also for others. FLOPs: of dense networks. Time: on one core, or the GPU if there is"
    " one, measured for a second or so per network and good to a factor of about 1.5. Done: the"
    " manifest exists; snakemake -n tells which of it is stale. Rounds of a ticket follow"
    " each other, however many cores there are."
)


def plan(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Figures, families, experiments; by default, all.")
    ] = None,
    scale: Scale = None,
    config: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="As snakemake's --config.")
    ] = None,
    cores: Annotated[int, typer.Option(min=1, help="Cores to work with.")] = os.cpu_count() or 1,
    watch: Annotated[bool, typer.Option(help="Follow the files until all is trained.")] = False,
) -> None:
    """Print jobs, runs, FLOPs, hours on this machine, disk, engines, and what is already done.

    With --watch: what is done so far, by cost, and when the rest will be done if as many jobs go on
    as now, each as fast as the last ones. It only reads files, so it also works beside a cluster's
    jobs.
    """
    targets = targets or [EVERYTHING]
    asked_for = ", ".join(targets)
    project = project_at(scale, dict(_setting(text) for text in config or []))
    family = families(COSTS, project)
    runs = RESULTS / project.config.scale / "runs"
    planned = Plan(project, finished_below(runs))
    selection = select(planned, targets, family)
    if not selection.jobs:
        print(f"{asked_for}: no runs are needed.")
        return
    if watch:
        follow(asked_for, selection.jobs, project.config.scale)
        return
    done = finished(selection.jobs, runs)
    speeds = _measured({job.setup: None for job in selection.jobs if job not in done})
    group = family if EVERYTHING in targets else {name: name for name in family}
    table = lines(selection, done, speeds, group)
    [total] = lines(selection, done, speeds, dict.fromkeys(group, "in all"))

    console = Console(width=None if sys.stdout.isatty() else 140)
    title = f"{asked_for} at scale {project.config.scale}"
    keep = project.config.keep_checkpoints
    console.print(_table(title, "family" if group is family else "experiment", table, total, keep))
    for line in _engines(planned, selection.asked, group):
        console.print(line)
    sizes = ", ".join(f"{policy} {decimal(int(total.cost.disk(policy)))}" for policy in REMOVED)
    console.print(f"Disk by keep_checkpoints (now {keep}): {sizes}.")
    if selection.figures:
        console.print(f"Figures to draw: {len(selection.figures)}.")
    left = {job.folder: seconds(job, speeds) for job in selection.jobs if job not in done}
    takes = max(total.seconds / cores, longest_chain(planned, left))
    console.print(
        f"Left: {duration(total.seconds)} of one core, about {duration(takes)} on {cores}"
        f" {plural('core', cores)}.\n{_NOTE}"
    )


def _setting(text: str) -> tuple[str, object]:
    key, separator, value = text.partition("=")
    if not separator:
        raise typer.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="--config")
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError:
        raise typer.BadParameter(f"{value!r} is not YAML", param_hint="--config") from None


def _measured(needed: Collection[Setup]) -> dict[Setup, Speed]:
    """Return the speeds of these setups on this machine; stderr tells that it is at work."""
    console = Console(stderr=True)
    what = f"Measuring {len(needed)} {plural('setup', len(needed))} of network and training"
    if not console.is_terminal:
        if needed:
            console.print(f"{what}, a few seconds each.")
        return {setup: measure(setup) for setup in needed}
    # Seldom drawn anew, since that takes time from what is measured.
    with Progress(console=console, transient=True, refresh_per_second=2) as progress:
        return {setup: measure(setup) for setup in progress.track(needed, description=what)}


def _table(title: str, what: str, plan: list[Line], total: Line, keep: KeepCheckpoints) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(what, no_wrap=True)
    columns = ("jobs", "done", "runs", "trained", "iterations", "train FLOPs", "eval FLOPs")
    for column in (*columns, "time left", "disk"):
        table.add_column(column, justify="right")
    for line in plan:
        table.add_row(*_cells(line, keep))
    table.add_section()
    table.add_row(*_cells(total, keep))
    return table


def _engines(plan: Plan, experiments: Iterable[str], group: Mapping[str, str]) -> list[str]:
    """Return what trains which lines of the plan, and where PyTorch takes over, why."""
    trained: dict[str, list[str]] = {}
    for experiment in experiments:
        engine = f"Engine {plan.engine(experiment)}"
        if engine == "Engine torch" and plan.project.config.engine != "torch":
            engine += f", as the sparse one does not serve {plan.refusal(experiment)}"
        trained.setdefault(engine, []).append(group[experiment])
    return [f"{engine}: {', '.join(sorted(set(trained[engine])))}." for engine in sorted(trained)]


def _cells(line: Line, keep: KeepCheckpoints) -> list[str]:
    cost = line.cost
    flops = (cost.training_flops, cost.evaluation_flops)
    counts = (line.jobs, line.done, line.asked, cost.runs, cost.iterations)
    return [
        line.name,
        *(f"{number:,}" for number in counts),
        *(f"{number:.3g}" for number in flops),
        duration(line.seconds),
        decimal(int(cost.disk(keep))),
    ]
