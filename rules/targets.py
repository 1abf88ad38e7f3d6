"""Refuses mistaken targets before the DAG is built, in a sentence instead of a traceback."""

import os
import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any

from snakemake.exceptions import WorkflowError

from lth_core.config.errors import unknown_name
from lth_core.errors import Failure
from lth_core.jobs.kind import TABLES
from lth_core.partial import PARTIAL
from lth_core.runs.plan import Plan

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_OF_EXPERIMENT = re.compile(rf"results/([^/]+)/(?:runs|{'|'.join(TABLES)})/([^/]+)/")


def with_known_targets(
    workflow: "Workflow", plan: Plan, job_of: Callable[[str, dict[str, str]], Any]
) -> Callable[..., Any]:
    """Return the workflow's `execute`, which checks its targets first.

    job_of: the job of a kind at a place; raises WorkflowError where there is none.
    """
    execute = workflow.execute

    @wraps(execute)
    def checked(*arguments: Any, **options: Any) -> Any:
        targets = workflow.dag_settings.targets
        check_targets(targets, [rule.name for rule in workflow.rules], plan)
        for target in targets:
            if target.endswith(PARTIAL):  # there may be nothing to draw
                job_of("figure", {"figure": target})
        return execute(*arguments, **options)

    return checked


def check_targets(targets: Iterable[str], rules: Iterable[str], plan: Plan) -> None:
    """Raise WorkflowError for a word that is no rule's name, and for paths of no experiment.

    Other paths are Snakemake's to look for.
    """
    rules = set(rules)
    for target in targets:
        _check_path(target, plan)
        if target in rules:
            continue
        if target in plan.engines:
            scale = plan.project.config.scale
            raise WorkflowError(
                f"{target} is an experiment; to train it, ask for its table:"
                f" results/{scale}/tables/{target}/summary.parquet"
            )
        _check_kept(target, plan)
        if re.fullmatch(r"\w+", target):
            raise WorkflowError(str(unknown_name("snakemake", target, rules, "figure or rule")))


def _check_path(target: str, plan: Plan) -> None:
    """Raise WorkflowError for runs or tables of another scale, or of an unknown experiment."""
    place = _OF_EXPERIMENT.match(target)
    if place is None or os.path.exists(target):
        return
    scale = plan.project.config.scale
    if place[1] != scale:
        raise WorkflowError(
            f"{target}: this call is at scale {scale}; for another, add `--config scale={place[1]}`"
        )
    if place[2] not in plan.engines:
        _check_kept(place[2], plan)
        raise WorkflowError(str(unknown_name(target, place[2], plan.engines, "experiment")))


def _check_kept(experiment: str, plan: Plan) -> None:
    """Raise WorkflowError for an experiment that the scale leaves out."""
    try:
        plan.project.check_kept(experiment)
    except Failure as error:
        raise WorkflowError(str(error)) from None
