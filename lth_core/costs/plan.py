"""What a figure, a family of experiments or everything costs at a scale."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lth_core.config.errors import unknown_name
from lth_core.costs.run import Cost, cost_of_run
from lth_core.networks.shapes import weight_layers
from lth_core.provenance.manifest import NAME
from lth_core.pruning.count import weights_remaining
from lth_core.runs.behind import jobs_behind, runs_shown, with_parents
from lth_core.runs.plan import Job, Plan
from lth_core.runs.run import Run, parents

EVERYTHING = "all"
# Experiments that the table of the paper's costs does not have.
OTHER = "other"


@dataclass(frozen=True)
class Selection:
    """What is asked for: runs with all that they start from, and the jobs that train them.

    figures: those that are drawn of it.
    """

    figures: tuple[str, ...]
    runs: frozenset[Run]
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Line:
    """One line of a plan.

    asked: runs, also those that share another's results. cost: of the runs that the jobs
    train. jobs and done: training jobs, and how many of them have left their manifest.
    """

    name: str
    jobs: int
    done: int
    asked: int
    cost: Cost


def families(path: Path, experiments: Iterable[str]) -> dict[str, str]:
    """Return the family of each experiment, from the table of the paper's costs at `path`.

    The rounds of `X_chain`, which the table counts with those of `X`, are of its family.
    """
    with path.open(newline="") as file:
        known = {row["experiment"]: row["family"] for row in csv.DictReader(file)}
    return {
        name: known.get(name) or known.get(name.removesuffix("_chain"), OTHER)
        for name in experiments
    }


def select(plan: Plan, target: str, family: Mapping[str, str]) -> Selection:
    """Return what `target` asks for: a figure, a family, an experiment or `all` figures.

    Raises ConfigError for any other name.
    """
    project = plan.project
    figures: tuple[str, ...] = ()
    if target == EVERYTHING or target in project.figures:
        figures = tuple(project.figures) if target == EVERYTHING else (target,)
        runs = runs_shown(plan, figures)
    else:
        names = [name for name in project.experiments if target in (name, family[name])]
        if not names:
            valid = {EVERYTHING, *project.figures, *family.values(), *project.experiments}
            raise unknown_name("plan", target, valid, "figure, family or experiment")
        runs = [run for name in names for run in plan.runs(name)]
    return Selection(figures, frozenset(with_parents(plan, runs)), tuple(jobs_behind(plan, runs)))


def lines(
    plan: Plan, selection: Selection, done: Iterable[Job], group: Mapping[str, str]
) -> list[Line]:
    """Return the plan of `selection`, a line for each group of experiments.

    done: the jobs that have been run. group: the line of each experiment.
    """
    finished = {job.folder for job in done}
    names = dict.fromkeys(group[name] for name in plan.project.experiments)
    by_line: dict[str, list[Job]] = {name: [] for name in names}
    for job in selection.jobs:
        by_line[group[job.experiment]].append(job)
    asked = {name: 0 for name in names}
    for run in selection.runs:
        asked[group[run.experiment]] += 1
    return [
        Line(
            name,
            jobs=len(jobs),
            done=sum(job.folder in finished for job in jobs),
            asked=asked[name],
            cost=sum((cost_of_job(plan, job) for job in jobs), Cost()),
        )
        for name, jobs in by_line.items()
        if jobs or asked[name]
    ]


def cost_of_job(plan: Plan, job: Job) -> Cost:
    """Return the cost of all runs of `job`."""
    return cost_of_run(plan.settings(job.runs[0])).times(len(job.runs))


def finished(jobs: Iterable[Job], runs_folder: Path) -> list[Job]:
    """Return the jobs that have left a manifest below `runs_folder`, which comes last."""
    return [job for job in jobs if Path(runs_folder, job.folder, NAME).is_file()]


def share_remaining(plan: Plan, run: Run) -> float:
    """Return the share of its weights that `run` trains, from 0 to 1."""
    settings = plan.settings(run)
    mask, layers = settings["mask"], weight_layers(settings["network"])
    if mask["source"] in ("of", "shuffled"):
        return share_remaining(plan, parents(run, plan.project)["ticket"])
    if mask["source"] == "dense":
        return 1.0
    kept = weights_remaining(layers, mask["keep"], mask["scope"])
    return kept / sum(layer.size for layer in layers)
