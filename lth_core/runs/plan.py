"""The plan: which jobs train which runs, where their files lie, and who shares them.

Two runs with the same settings, trial and parents are one run, known by its identity. If it is
finished it stays where it lies. Else the experiment nearest to the root of `extends` trains it, of
several one that has begun, then the first in the config, and the others read its files.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from lth_core.config.load import Project
from lth_core.errors import NotPlanned
from lth_core.provenance.manifest import NAME, digest
from lth_core.runs import run as network_run
from lth_core.runs import xor as xor_run
from lth_core.runs.finished import FinishedJob
from lth_core.runs.run import ParentRun, Run
from lth_core.training.defaults import completed
from lth_core.training.sparse.served import refusal

_DIGITS = 16  # of an identity that are written down


@dataclass(frozen=True)
class TrainingJob:
    """One training job: a block of trials, with their replicates, of one round.

    folder: where its files lie, below the folder of all runs.
    """

    folder: PurePosixPath
    runs: tuple[Run, ...]

    @property
    def experiment(self) -> str:
        """The experiment under whose name its files lie."""
        return self.folder.parts[0]

    @property
    def round(self) -> int:
        """The round of all its runs."""
        return self.runs[0].round


class Plan:
    """All runs and training jobs of a project at its scale.

    finished: the training jobs that are there already, at the same scale.
    """

    def __init__(self, project: Project, finished: Iterable[FinishedJob] = ()) -> None:
        self.project = project
        self.results = f"results/{project.config.scale}"
        self._finished = tuple(finished)
        self._settings: dict[tuple[str, int], tuple[dict[str, Any], str]] = {}
        self._identities: dict[Run, str] = {}

    @property
    def experiments(self) -> list[str]:
        """The names of all experiments of the scale."""
        return [*self.project.experiments, *self.project.xor.experiments]

    def is_xor(self, experiment: str) -> bool:
        """Return whether an experiment is one of the 2018 version's XOR."""
        return experiment in self.project.xor.experiments

    def runs(self, experiment: str, rounds: Iterable[int] | None = None) -> Iterator[Run]:
        """Yield the runs of `experiment`, trained by it or shared, in order."""
        if self.is_xor(experiment):
            all_rounds = xor_run.rounds(self.project.xor, experiment)
            chosen = all_rounds if rounds is None else rounds
            yield from (Run(experiment, round_, 0, 0) for round_ in chosen)
            return
        spec = self.project.experiments[experiment]
        for round_ in spec.round_range if rounds is None else rounds:
            for trial in range(spec.trials):
                for replicate in range(spec.replicates):
                    yield Run(experiment, round_, trial, replicate)

    def settings(self, run: Run) -> dict[str, Any]:
        """Return the settings that `run` shares with all runs of its round, defaults included."""
        return completed(self._round(run)[0])

    def parents(self, run: Run) -> Mapping[str, ParentRun]:
        """Return the runs that `run` starts from, by role."""
        if self.is_xor(run.experiment):
            return xor_run.parents(run, self.project.xor)
        return network_run.parents(run, self.project)

    def identity(self, run: Run) -> str:
        """Return the digest of all that determines the result of `run`."""
        if run not in self._identities:
            parents = self.parents(run).items()
            origin = {role: self.identity(parent.run) for role, parent in parents}
            own = [self._round(run)[1], run.trial, run.replicate, origin]
            self._identities[run] = digest(own)[:_DIGITS]
        return self._identities[run]

    def _round(self, run: Run) -> tuple[dict[str, Any], str]:
        """Return the settings of a run's round, without defaults, and their digest."""
        key = (run.experiment, run.round)
        if key not in self._settings:
            if self.is_xor(run.experiment):
                values = xor_run.settings(run, self.project.xor)
            else:
                experiment = self.project.experiments[run.experiment]
                values = network_run.settings(experiment, run.round, self.project)
            self._settings[key] = (values, digest(values))
        return self._settings[key]

    @cached_property
    def _owners(self) -> dict[str, Run]:
        """Return the run that is trained for all that are equal to it, by identity."""
        owners: dict[str, Run] = {}
        begun = {done.folder.parts[0] for done in self._finished}
        depth = self.project.depth
        for experiment in sorted(self.experiments, key=lambda e: (depth.get(e, 0), e not in begun)):
            for run in self.runs(experiment):
                owners.setdefault(self.identity(run), run)
        return owners

    def owner(self, run: Run) -> Run:
        """Return the run that is trained for `run`: itself, or an equal one."""
        return self._owners[self.identity(run)]

    @cached_property
    def jobs(self) -> dict[PurePosixPath, TrainingJob]:
        """All training jobs by folder."""
        named = self._named(self._owners)
        jobs, left = {}, dict(self._owners)
        # Of two that hold the same, the one in its own place.
        for done in sorted(self._finished, key=lambda done: done.folder not in named):
            planned = named.get(done.folder, {})
            known = left.keys() >= set(done.runs)
            if known and (not planned or planned.keys() == set(done.runs)):
                runs = tuple(left.pop(identity) for identity in done.runs)
                jobs[done.folder] = TrainingJob(done.folder, runs)
        for folder, block in (self._named(left) if jobs else named).items():
            jobs[folder] = TrainingJob(folder, tuple(block.values()))
        return jobs

    def _named(self, runs: Mapping[str, Run]) -> dict[PurePosixPath, dict[str, Run]]:
        """Return runs by the folder that they are trained in, packed into blocks of trials."""
        size = self.project.config.trials_per_job
        blocks: dict[tuple[str, int, int], dict[str, Run]] = {}
        for identity, run in runs.items():
            key = (run.experiment, run.round, run.trial // size)
            blocks.setdefault(key, {})[identity] = run
        return {self._folder(list(block.values())): block for block in blocks.values()}

    def _folder(self, runs: list[Run]) -> PurePosixPath:
        first = runs[0]
        last = runs[-1].trial
        if self.is_xor(first.experiment):
            last = self.project.xor.trials - 1
        lanes = f"trial_{last}" if first.trial == last else f"trials_{first.trial}-{last}"
        return PurePosixPath(first.experiment, f"round_{first.round:02d}", lanes)

    @cached_property
    def _jobs_by_run(self) -> dict[Run, TrainingJob]:
        return {run: job for job in self.jobs.values() for run in job.runs}

    @cached_property
    def _jobs_by_name(self) -> dict[str, TrainingJob]:
        return {str(folder): job for folder, job in self.jobs.items()}

    def job(self, run: Run) -> TrainingJob:
        """Return the job that trains `run`."""
        return self._jobs_by_run[self.owner(run)]

    def lane(self, run: Run) -> dict[str, Any]:
        """Return where the tensors of `run` lie: its job's folder, its round, trial, replicate."""
        folder = self.manifest(self.job(run)).rpartition("/")[0]
        which = {"round": run.round, "trial": run.trial, "replicate": run.replicate}
        return {"folder": folder, **which}

    def job_at(self, place: Mapping[str, str]) -> TrainingJob:
        """Return the job that leaves its files at `place`. Raises NotPlanned."""
        folder = f"{place['experiment']}/round_{place['round']}/{place['lanes']}"
        if place.get("results") not in (None, self.results) or folder not in self._jobs_by_name:
            raise NotPlanned(
                f"no job {folder} at scale {self.project.config.scale}: its experiment, rounds,"
                " trials or packing differ, or another experiment with the same settings trains it"
            )
        return self._jobs_by_name[folder]

    def manifest(self, job: TrainingJob) -> str:
        """Return the path of a job's manifest."""
        return f"{self.results}/runs/{job.folder}/{NAME}"

    def parent_jobs(self, job: TrainingJob) -> list[TrainingJob]:
        """Return the jobs whose files `job` reads."""
        parents = (parent.run for run in job.runs for parent in self.parents(run).values())
        return list({(found := self.job(run)).folder: found for run in parents}.values())

    def specification(self, job: TrainingJob) -> dict[str, Any]:
        """Return all that a training job is told; see lth_core.jobs.kind.Job.

        Lanes name their run's identity, and the place of each parent by its role.
        """
        reads: dict[str, list[str]] = {}
        lanes = []
        for run in job.runs:
            lane: dict[str, Any] = {"trial": run.trial, "replicate": run.replicate}
            lane |= {"run": self.identity(run), "parents": {}}
            for role, parent in self.parents(run).items():
                owner = self.owner(parent.run)
                path = self.manifest(self.job(owner))
                read = reads.setdefault(path, [])
                read += [file for file in parent.files if file not in read]
                lane["parents"][role] = {
                    "folder": path.removesuffix(f"/{NAME}"),
                    "trial": owner.trial,
                    "replicate": owner.replicate,
                }
            lanes.append(lane)
        settings = self._round(job.runs[0])[0]
        if self.is_xor(job.runs[0].experiment):
            (lane,) = lanes
            return {**settings, "run": lane["run"], "parents": lane["parents"], "reads": reads}
        dataset = settings["dataset"]["name"]
        data = {f"results/data/{dataset}.manifest.json": [f"{dataset}.safetensors"]}
        engine = self.engine(job.runs[0].experiment)
        return {**settings, "engine": engine, "lanes": lanes, "reads": data | reads}

    def engine(self, experiment: str) -> str:
        """Return what trains an experiment: PyTorch where the sparse engine does not serve it."""
        if self.is_xor(experiment):
            return "xor"
        return "torch" if self.refusal(experiment) else self.project.config.engine

    def refusal(self, experiment: str) -> str | None:
        """Return why the sparse engine does not serve an experiment; None if it does."""
        spec = self.project.experiments[experiment]
        if spec.arm.distillation is not None:
            return "distillation"
        if spec.arm.mask.source == "supermask":
            return "supermasks"
        return refusal(spec.architecture.model_dump(), spec.training.model_dump())

    @cached_property
    def engines(self) -> dict[str, str]:
        """What trains the jobs below each folder of runs, also of experiments no longer there."""
        found = {done.folder.parts[0]: done.engine for done in self._finished}
        return found | {name: self.engine(name) for name in self.experiments}
