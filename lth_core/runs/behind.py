"""Finds the runs and jobs behind a figure."""

from collections.abc import Iterable

from lth_core.config.distribution_figures import Distributions
from lth_core.config.figure_at_scale import experiments_at_scale
from lth_core.config.load import Project
from lth_core.runs.plan import Plan, TrainingJob
from lth_core.runs.run import Run
from lth_core.runs.xor import rounds


def rounds_shown(project: Project, figure: str, experiment: str) -> list[int]:
    """Return the rounds of `experiment` that `figure` rests on, apart from their parents."""
    if isinstance(project.figures[figure], Distributions):
        return distribution_rounds(project, experiment)
    if experiment in project.xor.experiments:
        return list(rounds(project.xor, experiment))
    return list(project.experiments[experiment].round_range)


def distribution_rounds(project: Project, experiment: str) -> list[int]:
    """Return the rounds whose weights figures show, or the nearest below that are run."""
    wanted = {
        round_
        for figure in project.figures.values()
        if isinstance(figure, Distributions) and figure.experiment == experiment
        for round_ in (*(p.round for p in figure.panels), *(s.round for s in figure.series))
        if round_ is not None
    }
    run = project.experiments[experiment].round_range
    return sorted({0} | {max(r for r in run if r <= round_) for round_ in wanted})


def runs_shown(plan: Plan, figures: Iterable[str]) -> list[Run]:
    """Return the runs that `figures` draw."""
    project = plan.project
    shown = {
        (experiment, tuple(rounds_shown(project, figure, experiment)))
        for figure in figures
        for experiment in experiments_at_scale(project, figure)
    }
    return list(dict.fromkeys(run for item in sorted(shown) for run in plan.runs(*item)))


def jobs_behind(plan: Plan, runs: Iterable[Run]) -> list[TrainingJob]:
    """Return the jobs that train `runs` and all that they start from, by folder."""
    pending = [plan.job(run) for run in runs]
    found = {}
    while pending:
        job = pending.pop()
        if job.folder not in found:
            found[job.folder] = job
            pending += plan.parent_jobs(job)
    return [found[folder] for folder in sorted(found)]


def with_parents(plan: Plan, runs: Iterable[Run]) -> set[Run]:
    """Return `runs` and all runs that they start from, each under its own experiment's name."""
    pending, found = list(runs), set()
    while pending:
        run = pending.pop()
        if run not in found:
            found.add(run)
            pending += [parent.run for parent in plan.parents(run).values()]
    return found
