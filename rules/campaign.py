"""Checks that a job finds the code and config that its caller planned with.

A submitted job is a Snakemake of its own, which reads config/ and the code anew. If they had
changed since, it would find its own ancestors stale and train them again, and so would every job
after it.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

from lth_core.arms import module_name, sources
from lth_core.arms.loops import training_kind
from lth_core.audit.differences import differences, sentence
from lth_core.errors import NotPlanned
from lth_core.files import write_bytes
from lth_core.jobs.kind import kind, kinds, named_modules
from lth_core.partial import whole
from lth_core.provenance.fingerprint import module_digest, reached
from lth_core.provenance.manifest import canonical_json, digest
from lth_core.runs.behind import jobs_behind
from lth_core.runs.plan import Plan
from lth_core.training.registry import ENGINES

P = ParamSpec("P")
R = TypeVar("R")

TRAINS_TOO = {"train_conv": "train", "train_torch": "train"}  # on other machines
VARIABLE = "LTH_CAMPAIGN"  # names the file with the caller's plan, for the processes of its jobs
_FOLDER = Path(".snakemake", "campaigns")
_ADVICE = (
    "Nothing was run; what is finished is kept. Undo the change, and the campaign goes on. Or stop"
    " it and call snakemake again, which trains again what the change makes stale. To edit while a"
    " campaign runs, use another git worktree."
)


def start_campaign(plan: Plan, execute: Callable[P, R]) -> Callable[P, R]:
    """Return `execute`, which runs a workflow, such that its jobs can tell what was planned."""

    @wraps(execute)
    def known(*arguments: P.args, **options: P.kwargs) -> R:
        content = {"code": _code(), "config": _config(plan)}
        path = _FOLDER / f"{digest(content)[:16]}.json"
        write_bytes(path, canonical_json(content))
        _stopped(path).unlink(missing_ok=True)  # of a caller that was killed
        os.environ[VARIABLE] = path.as_posix()
        try:
            return execute(*arguments, **options)
        finally:
            stopped = _stopped(path)
            if stopped.is_file():
                logger.error(stopped.read_text(encoding="utf-8"))
                stopped.unlink()

    return known


def check_campaign(plan: Plan, workflow: Any) -> Callable[..., Any]:
    """Return what executes `workflow`, such that it first looks whether all is as planned."""
    execute = workflow.execute

    @wraps(execute)
    def checked(*arguments: Any, **options: Any) -> Any:
        _check(plan, workflow.dag_settings.target_jobs)
        return execute(*arguments, **options)

    return checked


def _check(plan: Plan, targets: Iterable[Any]) -> None:
    """Raise WorkflowError where code or config of the `targets`, or behind them, have changed.

    targets: rule and wildcards of the jobs that this process is to run.
    """
    path = Path(os.environ.get(VARIABLE, ""))
    if not path.is_file():
        return  # not started by this Snakefile
    planned = json.loads(path.read_bytes())
    changes = list(dict.fromkeys(text for t in targets for text in _changes(plan, t, planned)))
    if changes:
        listed = "\n".join(f"  {text}" for text in changes)
        message = (
            "The code or the config has changed since this campaign was planned:\n"
            f"{listed}\n{_ADVICE}"
        )
        write_bytes(_stopped(path), message.encode())
        raise WorkflowError(message)


def _stopped(path: Path) -> Path:
    """Return the file in which a job tells the caller of the plan at `path` why it stopped."""
    return path.with_suffix(".stopped")


def _changes(plan: Plan, target: Any, planned: dict[str, Any]) -> Iterator[str]:
    wildcards = target.wildcards_dict
    name = TRAINS_TOO.get(target.rulename, target.rulename)
    if name not in kinds():
        return
    config = json.loads(canonical_json(_config(plan)))
    scale = f"scales/{plan.project.config.scale}.yaml"
    for entry in ("config.yaml", scale, *_entries(plan, wildcards)):
        found = differences(planned["config"].get(entry), config.get(entry))
        if found:
            yield f"{entry}: {sentence(found, 'now')}"
    try:
        modules = _modules(plan, name, {"results": plan.results, **wildcards})
    except NotPlanned as error:
        yield str(error)
        return
    for module in reached(f"lth_core.jobs.{name}", *modules):
        if module in planned["code"] and planned["code"][module] != module_digest(module):
            yield f"{module.replace('.', '/')}.py"


def _modules(plan: Plan, name: str, place: dict[str, str]) -> set[str]:
    """Return the modules that a job names, and those that the training jobs behind it name."""
    told = [kind(name).job(plan, place)]
    if "lanes" in place:
        told += [plan.specification(j) for j in jobs_behind(plan, plan.job_at(place).runs)]
    named = {module for job in told for module in named_modules(name, job)}
    loops = {training_kind(job) for job in told if name == "train"}
    return named | {f"lth_core.jobs.{loop}" for loop in loops}


def _entries(plan: Plan, wildcards: dict[str, str]) -> list[str]:
    """Return the figure or data set of a job, or its experiment with all that it starts from."""
    if "figure" in wildcards:
        return [whole(wildcards["figure"])]
    if "dataset" in wildcards:
        return [f"datasets/{wildcards['dataset']}.yaml"]
    pending, found = [wildcards["experiment"]] if "experiment" in wildcards else [], []
    while pending:
        name = pending.pop()
        found.append(name)
        experiment = plan.project.experiments.get(name)
        if experiment is None:
            found.append("xor.yaml")
        else:
            found.append(f"datasets/{experiment.dataset}.yaml")
            named = experiment.arm.experiments.values()
            pending += [other for other in named if other not in found]
    return found


def _config(plan: Plan) -> dict[str, Any]:
    """Return the entries of config/ at the plan's scale, by name."""
    project = plan.project
    entries = {
        "config.yaml": project.config,
        f"scales/{project.config.scale}.yaml": project.scale,
        "xor.yaml": project.xor,
        **{f"datasets/{name}.yaml": dataset for name, dataset in project.datasets.items()},
        **project.experiments,
        **project.xor.experiments,
        **project.figures,
    }
    told = {name: entry.model_dump(mode="json") for name, entry in entries.items()}
    for name, dataset in project.datasets.items():  # not among a run's settings, but a data set's
        own = {"source": dataset.source, "pinned": dataset.pinned}
        told[f"datasets/{name}.yaml"] |= {
            key: value.model_dump(mode="json") for key, value in own.items() if value is not None
        }
    return told


def _code() -> dict[str, str]:
    """Return the digests of all modules that any job may depend on."""
    plugins = [module for module, _ in ENGINES.values()]
    plugins += [module_name(factor, name) for factor in ("masks", "weights")
                for name in sources(factor)]  # fmt: skip
    start = [f"lth_core.jobs.{name}" for name in kinds()] + ["lth_core.data.layout"]
    return {module: module_digest(module) for module in reached(*start, *plugins)}
