"""What a plan selects, what of it is done, and how long it takes."""

from pathlib import Path, PurePosixPath

import pytest

from lth_core.config.errors import ConfigError
from lth_core.config.load import Project
from lth_core.costs.jobs import PlannedJob, Setup
from lth_core.costs.plan import (
    SECONDS_A_JOB,
    Selection,
    families,
    finished,
    lines,
    seconds,
    select,
)
from lth_core.costs.run import Cost
from lth_core.costs.speed import Speed
from lth_core.errors import Failure
from lth_core.runs.plan import Plan
from tests.projects import plan_at

CONFIG = Path(__file__).parents[2] / "config"
COSTS = CONFIG / "paper/compute.csv"
SETUP = Setup("torch", "{}", "{}")
SPEEDS = {SETUP: Speed((1.0,), (0.01,), (0.001,))}


@pytest.fixture(scope="module")
def paper() -> Plan:
    """The plan of the paper as published."""
    return plan_at("paper")


@pytest.fixture(scope="module")
def project(paper: Plan) -> Project:
    return paper.project


def job(experiment: str, runs: int) -> PlannedJob:
    cost = Cost(1, 100, 7, 8).times(runs)
    return PlannedJob(experiment, PurePosixPath(experiment), cost, 1000, 1.0, SETUP)


def test_a_figure_needs_what_its_experiments_start_from(paper: Plan, project: Project) -> None:
    selection = select(paper, ["fig09"], families(COSTS, project))
    assert selection.figures == ("fig09",)
    assert set(selection.asked) == {"lenet_imp", "lenet_continued", "lenet_continued_chain"}
    assert {job.experiment for job in selection.jobs} == set(selection.asked)


def test_distributions_need_the_rounds_that_are_shown(paper: Plan, project: Project) -> None:
    selection = select(paper, ["fig16"], families(COSTS, project))
    assert selection.asked == {"lenet_sgd0.8_imp": 5 * 13}


def test_all_is_every_figure(paper: Plan, project: Project) -> None:
    selection = select(paper, ["all"], families(COSTS, project))
    assert selection.figures == tuple(project.figures)
    assert len({job.folder for job in selection.jobs}) == len(selection.jobs)


def test_several_names_ask_for_what_each_asks_for_once(paper: Plan, project: Project) -> None:
    family = families(COSTS, project)
    selection = select(paper, ["fig16", "lenet_sgd0.8_imp", "fig22", "fig16"], family)
    assert selection.figures == ("fig16", "fig22")
    assert selection.jobs == select(paper, ["lenet_sgd0.8_imp"], family).jobs


def test_an_unknown_name(paper: Plan, project: Project) -> None:
    with pytest.raises(ConfigError, match="called 'lenet_imq'; did you mean 'lenet_imp'"):
        select(paper, ["lenet_imq"], families(COSTS, project))


def test_a_point_that_the_scale_leaves_out() -> None:
    plan = plan_at("quick")
    name = min(plan.project.dropped)
    with pytest.raises(Failure, match=f"^{name}: scale quick leaves it out; try --scale paper$"):
        select(plan, [name], families(COSTS, plan.project))


def test_without_the_papers_costs_there_is_one_family(project: Project, tmp_path: Path) -> None:
    assert set(families(tmp_path / "compute.csv", project).values()) == {"other"}


def test_an_experiment_without_a_family(project: Project, tmp_path: Path) -> None:
    table = tmp_path / "compute.csv"
    table.write_text("experiment,family\nlenet_continued,main\n")
    found = families(table, project)
    assert found["lenet_continued"] == found["lenet_continued_chain"] == "main"
    assert found["lenet_imp"] == "other"


def test_shares_fall_with_the_rounds(paper: Plan, project: Project) -> None:
    jobs = select(paper, ["lenet_imp_reinit"], families(COSTS, project)).jobs
    shares = {int(job.folder.parent.name[-2:]): job.share for job in jobs}
    assert shares[0] == 1
    assert shares[3] == pytest.approx(0.513, abs=5e-4)
    assert shares[15] == pytest.approx(0.036, abs=5e-4)


def test_finished_jobs_have_left_their_manifest(tmp_path: Path) -> None:
    jobs = [job("one", 1), job("two", 1)]
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "two/manifest.json").touch()
    assert finished(jobs, tmp_path) == {jobs[1]}


def test_seconds_are_start_up_training_and_evaluation() -> None:
    assert seconds(job("one", 3), SPEEDS) == SECONDS_A_JOB + 3 * (100 * 0.01 + 1000 * 0.001)


def test_lines_group_experiments_and_leave_out_what_is_done() -> None:
    jobs = (job("one", 1), job("two", 2), job("three", 4))
    selection = Selection((), {"one": 1, "two": 5, "four": 2}, jobs)
    group = {"one": "first", "two": "first", "three": "second", "four": "third", "five": "fifth"}
    plan = lines(selection, {jobs[0]}, SPEEDS, group)
    assert [(line.name, line.jobs, line.done, line.asked) for line in plan] == [
        ("first", 2, 1, 6),
        ("second", 1, 0, 0),
        ("third", 0, 0, 2),
    ]
    assert plan[0].cost == Cost(3, 300, 21, 24)
    assert plan[0].seconds == seconds(jobs[1], SPEEDS)
    [total] = lines(selection, {jobs[0]}, SPEEDS, dict.fromkeys(group, "in all"))
    assert total.cost.runs == 7
