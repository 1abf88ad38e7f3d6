"""The plan: which jobs train which runs, where their files lie, and who shares them.

Two runs with the same settings, trial and parents are one run: the experiment that comes
first in the config trains it, and the others read its files.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from lth_core.config.load import Project
from lth_core.provenance.manifest import canonical_json, digest
from lth_core.runs.run import Run, parents, settings


@dataclass(frozen=True)
class Job:
    """One training job: a block of trials, with their replicates, of one round."""

    experiment: str
    round: int
    runs: tuple[Run, ...]

    @property
    def lanes(self) -> str:
        """Name of the block of trials: `trial_3` or `trials_0-4`."""
        trials = sorted({run.trial for run in self.runs})
        return f"trial_{trials[0]}" if len(trials) == 1 else f"trials_{trials[0]}-{trials[-1]}"

    @cached_property
    def folder(self) -> PurePosixPath:
        """Where its files lie, below the folder of all runs."""
        return PurePosixPath(self.experiment, f"round_{self.round:02d}", self.lanes)


class Plan:
    """All runs and jobs of a project at its scale."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._settings: dict[tuple[str, int], tuple[dict[str, Any], str]] = {}
        self._identities: dict[Run, str] = {}

    def runs(self, experiment: str, rounds: Iterable[int] | None = None) -> Iterator[Run]:
        """Yield the runs of `experiment`, trained by it or shared, in order."""
        spec = self.project.experiments[experiment]
        for round_ in rounds or spec.round_range:
            for trial in range(spec.trials):
                for replicate in range(spec.replicates):
                    yield Run(experiment, round_, trial, replicate)

    def settings(self, run: Run) -> dict[str, Any]:
        """Return the settings that `run` shares with all runs of its round."""
        return self._round(run)[0]

    def identity(self, run: Run) -> str:
        """Return the digest of all that determines the result of `run`."""
        if run not in self._identities:
            origin = {
                role: self.identity(parent) for role, parent in parents(run, self.project).items()
            }
            self._identities[run] = digest([self._round(run)[1], run.trial, run.replicate, origin])
        return self._identities[run]

    def _round(self, run: Run) -> tuple[dict[str, Any], str]:
        key = (run.experiment, run.round)
        if key not in self._settings:
            values = settings(self.project.experiments[run.experiment], run.round, self.project)
            self._settings[key] = (values, digest(values))
        return self._settings[key]

    @cached_property
    def _owners(self) -> dict[str, Run]:
        owners: dict[str, Run] = {}
        for experiment in self.project.experiments:
            for run in self.runs(experiment):
                owners.setdefault(self.identity(run), run)
        return owners

    def owner(self, run: Run) -> Run:
        """Return the run that is trained for `run`: itself, or an equal one before it."""
        return self._owners[self.identity(run)]

    @cached_property
    def jobs(self) -> dict[PurePosixPath, Job]:
        """All jobs by folder."""
        size = self.project.config.trials_per_job
        blocks: dict[tuple[str, int, int], list[Run]] = {}
        for run in self._owners.values():
            blocks.setdefault((run.experiment, run.round, run.trial // size), []).append(run)
        jobs = [Job(key[0], key[1], tuple(runs)) for key, runs in blocks.items()]
        return {job.folder: job for job in jobs}

    @cached_property
    def _jobs_by_run(self) -> dict[Run, Job]:
        return {run: job for job in self.jobs.values() for run in job.runs}

    def job(self, run: Run) -> Job:
        """Return the job that trains `run`."""
        return self._jobs_by_run[self.owner(run)]

    def parent_jobs(self, job: Job) -> list[Job]:
        """Return the jobs whose files `job` reads."""
        found = {
            self.job(parent).folder: self.job(parent)
            for run in job.runs
            for parent in parents(run, self.project).values()
        }
        return list(found.values())

    def specification(self, job: Job, runs_folder: str) -> str:
        """Return the JSON text that tells the job all that it needs to know.

        Lanes name the folder and the lane of each parent below `runs_folder`.
        """
        lanes = []
        for run in job.runs:
            lane: dict[str, Any] = {"trial": run.trial, "replicate": run.replicate}
            for role, parent in parents(run, self.project).items():
                owner = self.owner(parent)
                lane[role] = {
                    "folder": f"{runs_folder}/{self.job(parent).folder}",
                    "trial": owner.trial,
                    "replicate": owner.replicate,
                }
            lanes.append(lane)
        engine = self.engine(job)
        return canonical_json(
            {**self.settings(job.runs[0]), "engine": engine, "lanes": lanes}
        ).decode()

    def engine(self, job: Job) -> str:
        """Return the engine: the sparse kernel knows plain fully-connected networks only."""
        experiment = self.project.experiments[job.experiment]
        plain = experiment.architecture.fully_connected and experiment.training.plain
        return self.project.config.engine if plain else "torch"
