"""Every rule that trains looks whether all is as its campaign planned; see rules/campaign.py."""

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from lth_core.runs.plan import Plan
from rules.campaign import TRAINS_TOO, VARIABLE, _changes, _config, _stopped, start_campaign
from tests.projects import plan_at

RULES = sorted((Path(__file__).parents[2] / "rules").glob("*.smk"))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_at("smoke")


def test_the_rules_that_train_otherwise_are_known() -> None:
    uses = [re.findall(r"^use rule (\w+) as (\w+) with:", path.read_text(), re.M) for path in RULES]
    assert {new: old for found in uses for old, new in found} == TRAINS_TOO


@pytest.mark.parametrize("rule", ["train", *TRAINS_TOO])
def test_an_edit_is_seen_by_every_rule_that_trains(plan: Plan, rule: str) -> None:
    job = next(job for job in plan.jobs.values() if job.experiment == "conv2_imp")
    experiment, round_, lanes = job.folder.parts
    place = {"experiment": experiment, "round": round_.removeprefix("round_"), "lanes": lanes}
    target = SimpleNamespace(rulename=rule, wildcards_dict=place)
    before = {"config": _config(plan), "code": {"lth_core.jobs.train": "another"}}
    assert list(_changes(plan, target, before)) == ["lth_core/jobs/train.py"]


def test_data_that_are_pinned_anew_are_another_campaign(plan: Plan) -> None:
    target = SimpleNamespace(rulename="dataset", wildcards_dict={"dataset": "mnist"})
    before = {"config": _config(plan), "code": {}}
    assert list(_changes(plan, target, before)) == []
    before["config"]["datasets/mnist.yaml"] |= {"pinned": {"classes": 3}}
    (change,) = _changes(plan, target, before)
    assert change.startswith("datasets/mnist.yaml: ") and "pinned" in change


def test_why_a_killed_campaign_stopped_is_not_told_of_the_next(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, "")
    start_campaign(plan, lambda: None)()
    _stopped(Path(os.environ[VARIABLE])).write_text("The code has changed")
    start_campaign(plan, lambda: None)()
    assert "has changed" not in caplog.text
