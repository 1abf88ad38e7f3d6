"""Refuses mistaken targets before the DAG is built, in a sentence instead of a traceback."""

import os
import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any

from snakemake.exceptions import WorkflowError
from snakemake_interface_common.exceptions import ApiError

from lth_core.config.errors import unknown_name
from lth_core.config.load import OTHER_RESULTS
from lth_core.errors import Failure
from lth_core.jobs.kind import TABLES
from lth_core.partial import PARTIAL
from lth_core.runs.plan import Plan

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_OF_SCALE = re.compile(rf"results/(?!(?:{'|'.join(OTHER_RESULTS)})/)([^/]+)/")
_OF_EXPERIMENT = re.compile(rf"results/[^/]+/(?:runs|{'|'.join(TABLES)})/([^/]+)/")


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
                try:
                    job_of("figure", {"figure": target})
                except WorkflowError as error:
                    raise ApiError(str(error)) from None
        return execute(*arguments, **options)

    return checked


def check_targets(targets: Iterable[str], rules: Iterable[str], plan: Plan) -> None:
    """Raise ApiError for a word that is no rule's name, and for paths of no experiment.

    Other paths are Snakemake's to look for.
    """
    rules = set(rules)
    for target in targets:
        _check_path(target, plan)
        if target in rules:
            continue
        if target in plan.engines:
            scale = plan.project.config.scale
            raise ApiError(
                f"{target} is an experiment; to train it, ask for its table:"
                f" results/{scale}/tables/{target}/summary.parquet"
            )
        _check_kept(target, plan)
        if re.fullmatch(r"\w+", target):
            raise ApiError(str(unknown_name("snakemake", target, rules, "figure or rule")))


def _check_path(target: str, plan: Plan) -> None:
    """Raise ApiError for a path of another scale, or for runs or tables of no experiment."""
    scale = plan.project.config.scale
    of_scale, of_experiment = _OF_SCALE.match(target), _OF_EXPERIMENT.match(target)
    if of_scale is None or os.path.exists(target):
        return
    if of_scale[1] != scale:
        raise ApiError(
            f"{target}: this call is at scale {scale}; for another, add"
            f" `--config scale={of_scale[1]}`"
        )
    if of_experiment and of_experiment[1] not in plan.engines:
        _check_kept(of_experiment[1], plan)
        raise ApiError(str(unknown_name(target, of_experiment[1], plan.engines, "experiment")))


def _check_kept(experiment: str, plan: Plan) -> None:
    """Raise ApiError for an experiment that the scale leaves out."""
    try:
        plan.project.check_kept(experiment)
    except Failure as error:
        raise ApiError(str(error)) from None
