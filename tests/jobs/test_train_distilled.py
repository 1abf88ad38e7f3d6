"""Which runs are those of distillation, and what they read."""

import shutil
from pathlib import Path

import pytest

from lth_core.arms.loops import training_kind
from lth_core.config.load import load
from lth_core.costs.jobs import planned as costed
from lth_core.errors import NotPlanned
from lth_core.jobs import train_distilled
from lth_core.jobs.kind import named_modules, planned
from lth_core.provenance.fingerprint import reached
from lth_core.runs.plan import Plan
from lth_core.runs.run import Run
from tests.projects import plan_at

CONFIG = Path(__file__).parents[2] / "config"
DISTILLED, TICKET = Run("lenet_distilled", 3, 1, 0), Run("lenet_imp", 3, 1, 0)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan at the paper's scale."""
    return plan_at("paper")


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (DISTILLED, "train_distilled"),
        (TICKET, "train"),
        (Run("lenet_gradual", 3, 0, 0), "train_gradual"),
        (Run("v1_xor_dense_10", 0, 0, 0), "train_xor"),
    ],
)
def test_the_kind_follows_from_the_settings(plan: Plan, run: Run, name: str) -> None:
    found = planned(plan, plan.manifest(plan.job(run)))
    assert found is not None and found[0] == name
    assert name == "train_xor" or training_kind(found[1]) == name


def test_other_runs_are_refused(plan: Plan) -> None:
    place = {"experiment": "lenet_imp", "round": "03", "lanes": "trial_1"}
    with pytest.raises(NotPlanned, match="is not a job of distillation"):
        train_distilled.job(plan, place)


def test_it_reads_the_ticket_and_the_dense_network_of_its_trial(plan: Plan) -> None:
    told = plan.specification(plan.job(DISTILLED))
    (lane,) = told["lanes"]
    folders = {role: place["folder"] for role, place in lane["parents"].items()}
    runs = "results/paper/runs/lenet_imp"
    assert folders == {"ticket": f"{runs}/round_03/trial_1", "teacher": f"{runs}/round_00/trial_1"}
    assert told["reads"][f"{runs}/round_00/trial_1/manifest.json"] == ["weights.safetensors"]
    assert told["distillation"] == {"alpha": 0.5, "temperature": 1}
    assert told["engine"] == "torch" and plan.refusal("lenet_distilled") == "distillation"
    assert plan.settings(DISTILLED)["training"] == plan.settings(TICKET)["training"]


def test_the_dense_network_has_no_teacher(tmp_path: Path) -> None:
    """An experiment may have its own dense network for a teacher."""
    config = shutil.copytree(CONFIG, tmp_path / "config", ignore=shutil.ignore_patterns("paper"))
    path = config / "experiments" / "own.yaml"
    path.write_text(
        "own:\n  description: x\n  extends: lenet_imp\n  arm:\n    mask: {source: imp}\n"
        "    weights: {source: original}\n"
        "    distillation: {experiment: own, alpha: 0, temperature: 4}\n"
    )
    plan = Plan(load(config, {"scale": "paper"}))
    assert plan.owner(Run("own", 0, 2, 0)) == Run("lenet_imp", 0, 2, 0)
    assert plan.parents(Run("own", 2, 2, 0))["teacher"].run == Run("own", 0, 2, 0)


def test_it_has_modules_of_its_own_that_no_other_training_has(plan: Plan) -> None:
    own, others = (
        set(reached(f"lth_core.jobs.{name}", *named_modules(name, job)))
        for run in (DISTILLED, Run("openlth_lenet", 3, 1, 0))
        for name, job in [planned(plan, plan.manifest(plan.job(run)))]
    )
    new = {"jobs", "jobs.own_loop", "jobs.train_distilled", "training.distilled"}
    assert {f"lth_core.{name}" for name in new} <= own - others


def test_it_costs_what_training_the_ticket_does(plan: Plan) -> None:
    distilled, ticket = costed(plan, map(plan.job, (DISTILLED, TICKET)))
    assert (distilled.cost, distilled.share) == (ticket.cost, ticket.share)
    assert (distilled.setup.engine, ticket.setup.engine) == ("torch", "sparse")
