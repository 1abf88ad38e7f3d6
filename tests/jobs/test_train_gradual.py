"""Which runs are those of gradual pruning, and what else knows of them."""

from types import SimpleNamespace

import pytest

from lth_core.arms.loops import loop_of
from lth_core.costs.jobs import planned as costed
from lth_core.errors import NotPlanned
from lth_core.jobs import train_gradual
from lth_core.jobs.kind import named_modules, planned
from lth_core.provenance.fingerprint import reached
from lth_core.runs.plan import Plan
from lth_core.runs.run import Run
from rules.campaign import _changes, _config
from tests.projects import plan_at


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan at the paper's scale."""
    return plan_at("paper")


def manifest(plan: Plan, experiment: str, round_: int) -> str:
    return plan.manifest(plan.job(Run(experiment, round_, 0, 0)))


@pytest.mark.parametrize(
    ("experiment", "round_", "name"),
    [
        ("lenet_gradual", 3, "train_gradual"),
        ("lenet_gradual", 0, "train"),  # lenet_imp's
        ("lenet_gradual_ticket", 3, "train"),
        ("lenet_imp", 3, "train"),
        ("v1_xor_dense_10", 0, "train_xor"),
    ],
)
def test_the_kind_follows_from_the_settings(
    plan: Plan, experiment: str, round_: int, name: str
) -> None:
    found = planned(plan, manifest(plan, experiment, round_))
    assert found is not None
    assert found[0] == name
    assert name == "train_xor" or loop_of(found[1]["mask"]["source"]) == name


def test_other_runs_are_refused(plan: Plan) -> None:
    for experiment in ("lenet_imp", "v1_xor_dense_10"):
        place = {"experiment": experiment, "round": "00", "lanes": "trial_0"}
        if experiment.startswith("v1"):
            place["lanes"] = plan.job(Run(experiment, 0, 0, 0)).folder.name
        with pytest.raises(NotPlanned, match="is not a job of gradual pruning"):
            train_gradual.job(plan, place)


def test_the_dense_network_is_shared_and_sizes_are_those_of_iterative_pruning(plan: Plan) -> None:
    assert plan.owner(Run("lenet_gradual", 0, 4, 0)) == Run("lenet_imp", 0, 4, 0)
    ours, theirs = (
        plan.settings(Run(name, 12, 0, 0))["mask"] for name in ("lenet_gradual", "lenet_imp")
    )
    assert ours["keep"] == theirs["keep"] and ours["scope"] == theirs["scope"]


def modules(plan: Plan, experiment: str) -> set[str]:
    """Return the modules that round 3 of an experiment depends on."""
    found = planned(plan, manifest(plan, experiment, 3))
    assert found is not None
    name, job = found
    return set(reached(f"lth_core.jobs.{name}", *named_modules(name, job)))


def test_it_has_modules_of_its_own_that_no_other_training_has(plan: Plan) -> None:
    own, others = (modules(plan, experiment) for experiment in ("lenet_gradual", "lenet_imp"))
    new = {"jobs", "jobs.own_loop", "jobs.train_gradual", "training.gradual"}
    new |= {"arms.masks.gradual", "pruning.gradual"}
    assert own - others == {f"lth_core.{name}" for name in new}
    assert others - own == {"lth_core.arms.masks.imp"}


def test_it_costs_what_the_dense_network_does(plan: Plan) -> None:
    runs = [Run(name, 12, 0, 0) for name in ("lenet_gradual", "lenet_gradual_ticket")]
    gradual, ticket = costed(plan, map(plan.job, runs))
    assert gradual.share == 1
    assert ticket.share == pytest.approx(0.07, abs=0.005)
    assert gradual.cost == ticket.cost


@pytest.mark.parametrize("experiment", ["lenet_gradual", "lenet_gradual_ticket", "lenet_imp"])
def test_a_campaign_stops_where_its_loop_was_edited(plan: Plan, experiment: str) -> None:
    """Where the job itself or one behind it is such a run."""
    place = {"experiment": experiment, "round": "03", "lanes": "trial_0"}
    target = SimpleNamespace(rulename="train", wildcards_dict=place)
    before = {"config": _config(plan), "code": {"lth_core.training.gradual": "another"}}
    said = ["lth_core/training/gradual.py"] if "gradual" in experiment else []
    found = [text for text in _changes(plan, target, before) if text.endswith(".py")]
    assert found == said
