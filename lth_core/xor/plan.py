"""The plan of v1's XOR experiments: one job trains all trials of one round.

Two rounds with the same settings and parent are one: the experiment that comes first in
config/xor.yaml trains it, and the others read its files.
"""

from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from lth_core.config.xor import Xor
from lth_core.provenance.manifest import canonical_json, digest


class XorJob(NamedTuple):
    """The training of one round of one experiment."""

    experiment: str
    round: int


class XorPlan:
    """All jobs of the XOR experiments at a scale."""

    def __init__(self, xor: Xor) -> None:
        self.xor = xor

    def rounds(self, experiment: str) -> list[XorJob]:
        """Return the jobs that train the rounds of `experiment`, in order, some of them shared."""
        rounds = range(len(self.xor.experiments[experiment].units))
        return [self._owners[self._identity(XorJob(experiment, round_))] for round_ in rounds]

    @cached_property
    def jobs(self) -> dict[PurePosixPath, XorJob]:
        """All jobs by folder."""
        return {self.folder(job): job for job in self._owners.values()}

    def folder(self, job: XorJob) -> PurePosixPath:
        """Return where a job's files lie, below the folder of all runs."""
        trials = f"trials_0-{self.xor.trials - 1}" if self.xor.trials > 1 else "trial_0"
        return PurePosixPath(job.experiment, f"round_{job.round:02d}", trials)

    def parent(self, job: XorJob) -> XorJob | None:
        """Return the job whose networks `job` prunes; None for a dense one."""
        pruning = self.xor.experiments[job.experiment].pruning
        if pruning is None or job.round == 0:
            return None
        return self.rounds(job.experiment)[job.round - 1 if pruning.iterative else 0]

    def specification(self, job: XorJob, runs_folder: str) -> str:
        """Return the JSON text that tells the job all that it needs to know."""
        parent = self.parent(job)
        folder = f"{runs_folder}/{self.folder(parent)}" if parent else None
        return canonical_json({**self._settings(job), "parent": folder}).decode()

    @cached_property
    def _owners(self) -> dict[str, XorJob]:
        owners: dict[str, XorJob] = {}
        for name, experiment in self.xor.experiments.items():
            for round_ in range(len(experiment.units)):
                job = XorJob(name, round_)
                owners.setdefault(self._identity(job), job)
        return owners

    def _identity(self, job: XorJob) -> str:
        """Return the digest of all that determines a job's result."""
        pruning = self.xor.experiments[job.experiment].pruning
        pruned = None
        if pruning is not None and job.round > 0:
            before = job.round - 1 if pruning.iterative else 0
            pruned = self._identity(XorJob(job.experiment, before))
        return digest([self._settings(job), pruned])

    def _settings(self, job: XorJob) -> dict[str, Any]:
        experiment = self.xor.experiments[job.experiment]
        pruned = experiment.pruning if job.round > 0 else None
        return {
            "network": experiment.architecture.model_dump(),
            "initialisation": self.xor.initialisation.model_dump(),
            "training": self.xor.training.model_dump(),
            "seed": experiment.seed,
            "trials": self.xor.trials,
            "round": job.round,
            "units": experiment.units[job.round],
            "score": pruned.score if pruned else None,
        }
