"""`lth train`: trains one run, and those that it starts from, without Snakemake."""

import shutil
from contextlib import chdir
from pathlib import Path
from typing import Annotated

import typer

from lth_core.commands.shared import Experiment, Round, Scale, Trial, project_at
from lth_core.config.errors import unknown_name
from lth_core.data import root as data_root
from lth_core.errors import Failure
from lth_core.files import atomic_path
from lth_core.jobs.kind import code_of, planned
from lth_core.jobs.process import prepare
from lth_core.jobs.run import run as do
from lth_core.jobs.staleness import Staleness
from lth_core.provenance.context import context_path
from lth_core.runs.finished import finished_below
from lth_core.runs.plan import Plan
from lth_core.runs.run import Run
from lth_core.words import span

FILES = ["weights.safetensors", "masks.safetensors", "metrics.parquet"]


def train(
    experiment: Experiment,
    round_: Round,
    out: Annotated[Path, typer.Option(help="Folder for results/; `.` shares those of Snakemake.")],
    trial: Trial = 0,
    scale: Scale = None,
) -> None:
    """Train one run of EXPERIMENT, after any missing runs that it starts from.

    It leaves the files that Snakemake would, byte for byte, below FOLDER/results/. To resume
    a call that was stopped, repeat it.
    """
    prepare()
    project = project_at(scale)
    runs = f"results/{project.config.scale}/runs"
    plan = Plan(project, finished_below(out / runs))
    wanted = Run(experiment, round_, trial, 0)
    _check(plan, wanted)
    root = Path.cwd()
    data_root.tell(project.config.data_root)
    out.mkdir(parents=True, exist_ok=True)
    path = plan.manifest(plan.job(wanted))
    with chdir(out):  # what jobs read, and manifests name, starts from there
        _make(plan, path, FILES, root)
    print(out / Path(path).parent)


def _check(plan: Plan, run: Run) -> None:
    """Raise ConfigError or Failure where the plan has no such run."""
    if run.experiment not in plan.experiments:
        plan.project.check_kept(run.experiment)
        raise unknown_name("train", run.experiment, plan.experiments, "experiment")
    runs = list(plan.runs(run.experiment))
    if run not in runs:
        rounds, trials = {one.round for one in runs}, {one.trial for one in runs}
        raise Failure(
            f"{run.experiment} has no round {run.round} of trial {run.trial} at scale"
            f" {plan.project.config.scale}: it has {span('round', rounds)}, {span('trial', trials)}"
        )


def _make(plan: Plan, path: str, files: list[str], root: Path) -> None:
    """Do the job that leaves a manifest at `path`, after those that it reads; not what is done.

    files: what is needed of its outputs. root: a project whose data are taken, if it has them.
    """
    if _is_done(plan, path, files):
        return
    found = planned(plan, path)
    assert found is not None
    name, job = found
    for parent, read in job["reads"].items():
        _make(plan, parent, read, root)
    folder = Path(path).parent.absolute()
    if name == "dataset":
        _take_over(root / path, folder, files)
        if _is_done(plan, path, files):
            return
        with chdir(root):  # data of a user's own lie where the config says
            do(name, job, code_of(name, job), folder)
    else:
        do(name, job, code_of(name, job), Path(path).parent)


def _take_over(source: Path, folder: Path, files: list[str]) -> None:
    """Copy a data set to `folder`, its manifest last, where the project has it; source: that."""
    names = [*files, context_path(source).name, source.name]
    if source.parent != folder and all(source.with_name(name).is_file() for name in names):
        for name in names:
            with atomic_path(folder / name) as temporary:
                shutil.copyfile(source.with_name(name), temporary)


def _is_done(plan: Plan, path: str, files: list[str]) -> bool:
    there = all(Path(path).with_name(file).is_file() for file in files)
    return there and Staleness(plan).is_current(path)
