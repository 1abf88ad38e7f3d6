"""Cost of figures, families of experiments or everything at a scale."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from lth_core.config.errors import unknown_name
from lth_core.config.load import Project
from lth_core.costs.jobs import PlannedJob, Setup, planned
from lth_core.costs.run import Cost
from lth_core.costs.speed import Speed
from lth_core.provenance.manifest import NAME
from lth_core.runs.behind import jobs_behind, runs_shown, with_parents
from lth_core.runs.plan import Plan

EVERYTHING = "all"
# Experiments that the table of the paper's costs does not have.
OTHER = "other"

# Starting Python, loading the data and writing the files of one job; see benchmarks/README.md.
SECONDS_A_JOB = 2.0


@dataclass(frozen=True)
class Selection:
    """What is asked for.

    figures: those that it draws. asked: runs by experiment, with all that they start from,
    also those that share another's results. jobs: what trains them.
    """

    figures: tuple[str, ...]
    asked: Mapping[str, int]
    jobs: tuple[PlannedJob, ...]


@dataclass(frozen=True)
class Line:
    """One line of a plan.

    jobs and done: training jobs, and how many have left their manifest. asked: runs, as in
    `Selection`. cost: of the runs that the jobs train. seconds: of the jobs that are not done.
    """

    name: str
    jobs: int
    done: int
    asked: int
    cost: Cost
    seconds: float


def families(path: Path, project: Project) -> dict[str, str]:
    """Return the family of each experiment, from the table of the paper's costs at `path`, if any.

    `X_chain`, whose runs the table counts with those of `X`, is of its family.
    """
    known: dict[str, str] = {}
    if path.is_file():  # a project of one's own may do without the paper
        with path.open(newline="", encoding="utf-8") as file:
            known = {row["experiment"]: row["family"] for row in csv.DictReader(file)}
    return {
        name: known.get(name) or known.get(name.removesuffix("_chain"), OTHER)
        for name in (*project.experiments, *project.xor.experiments)
    }


def select(plan: Plan, targets: Iterable[str], family: Mapping[str, str]) -> Selection:
    """Return what `targets` ask for: figures, families, experiments or `all` figures.

    Raises ConfigError for any other name, and Failure for one that the scale leaves out.
    """
    project = plan.project
    figures: dict[str, None] = {}
    names: set[str] = set()
    for target in targets:
        if target == EVERYTHING:
            figures |= dict.fromkeys(project.figures)
        elif target in project.figures:
            figures[target] = None
        elif members := {name for name in family if target in (name, family[name])}:
            names |= members
        else:
            project.check_kept(target)
            valid = {EVERYTHING, *project.figures, *family.values(), *family}
            raise unknown_name("plan", target, valid, "figure, family or experiment")
    runs = runs_shown(plan, figures)
    runs += [run for name in plan.experiments if name in names for run in plan.runs(name)]
    asked = Counter(run.experiment for run in with_parents(plan, runs))
    for name in project.xor.experiments:
        asked[name] *= project.xor.trials
    return Selection(tuple(figures), +asked, tuple(planned(plan, jobs_behind(plan, runs))))


def finished(jobs: Iterable[PlannedJob], runs_folder: Path) -> set[PlannedJob]:
    """Return the jobs that have left a manifest below `runs_folder`; it is written last."""
    return {job for job in jobs if Path(runs_folder, job.folder, NAME).is_file()}


def seconds(job: PlannedJob, speeds: Mapping[Setup, Speed]) -> float:
    """Return the seconds that `job` takes on one core, or on the GPU where there is one."""
    runs = job.cost.runs
    each = speeds[job.setup].seconds(job.share, job.cost.iterations // runs, job.examples)
    return SECONDS_A_JOB + runs * each


def lines(
    selection: Selection,
    done: Set[PlannedJob],
    speeds: Mapping[Setup, Speed],
    group: Mapping[str, str],
) -> list[Line]:
    """Return the plan of `selection`, a line for each group of experiments.

    done: the jobs that have been run. speeds: of all others. group: line of each experiment.
    """
    jobs: dict[str, list[PlannedJob]] = {name: [] for name in group.values()}
    for job in selection.jobs:
        jobs[group[job.experiment]].append(job)
    asked = Counter[str]()
    for experiment, runs in selection.asked.items():
        asked[group[experiment]] += runs
    return [
        Line(
            name,
            jobs=len(own),
            done=sum(job in done for job in own),
            asked=asked[name],
            cost=sum((job.cost for job in own), Cost()),
            seconds=sum(seconds(job, speeds) for job in own if job not in done),
        )
        for name, own in jobs.items()
        if own or asked[name]
    ]
