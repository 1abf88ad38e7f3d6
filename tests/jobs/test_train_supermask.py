"""Which runs are those of supermasks, and what else knows of them."""

import pytest

from lth_core.errors import NotPlanned
from lth_core.jobs import train_supermask
from lth_core.jobs.kind import named_modules, planned
from lth_core.provenance.fingerprint import reached
from lth_core.runs.plan import Plan
from lth_core.runs.run import Run
from tests.projects import plan_at


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan at the paper's scale."""
    return plan_at("paper")


def manifest(plan: Plan, experiment: str) -> str:
    return plan.manifest(plan.job(Run(experiment, 0, 0, 0)))


@pytest.mark.parametrize(
    ("experiment", "name", "engine"),
    [
        ("lenet_supermask", "train_supermask", "torch"),
        ("lenet_supermask_binary", "train_supermask", "torch"),
        ("lenet_supermask_ticket", "train", "sparse"),
        ("lenet_imp", "train", "sparse"),
    ],
)
def test_the_kind_and_the_engine_follow_from_the_settings(
    plan: Plan, experiment: str, name: str, engine: str
) -> None:
    found = planned(plan, manifest(plan, experiment))
    assert found is not None
    assert (found[0], found[1]["engine"]) == (name, engine)


def test_other_runs_are_refused(plan: Plan) -> None:
    for experiment in ("lenet_imp", "lenet_supermask_ticket"):
        place = {"experiment": experiment, "round": "00", "lanes": "trial_0"}
        with pytest.raises(NotPlanned, match="is not a job of supermasks"):
            train_supermask.job(plan, place)


def test_the_ticket_starts_from_the_mask_that_is_left(plan: Plan) -> None:
    found = planned(plan, manifest(plan, "lenet_supermask_ticket"))
    assert found is not None
    assert found[1]["reads"][manifest(plan, "lenet_supermask")] == ["masks.safetensors"]


def modules(plan: Plan, experiment: str) -> set[str]:
    """Return the modules that a run of the experiment depends on."""
    found = planned(plan, manifest(plan, experiment))
    assert found is not None
    name, job = found
    return set(reached(f"lth_core.jobs.{name}", *named_modules(name, job)))


def test_no_other_training_has_its_modules(plan: Plan) -> None:
    new = {"jobs.train_supermask", "training.supermask", "arms.masks.supermask"}
    own = {f"lth_core.{name}" for name in new}
    assert own <= modules(plan, "lenet_supermask")
    assert not own & (modules(plan, "lenet_supermask_ticket") | modules(plan, "lenet_imp"))
