"""How long a call still takes."""

from pathlib import Path

import pytest

from lth_core.config.load import load
from lth_core.costs.left import TimeLeft, seconds_of
from lth_core.runs.plan import Plan

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_the_rest_takes_as_long_as_what_was_done(clock: list[float]) -> None:
    left = TimeLeft({1: 10.0, 2: 30.0, 3: 40.0})
    left.begin(1)
    clock[0] += 20
    left.end([1])
    assert left.words() == "about 2 min left"  # seven times as much as what took 20 s
    left.begin(1)
    clock[0] += 60
    left.end([2])
    assert left.words() == "about 80 s left"
    left.begin(1)
    clock[0] += 80
    left.end([3])
    assert left.words() == ""


def test_a_long_rest_is_told_in_hours(clock: list[float]) -> None:
    left = TimeLeft(dict.fromkeys(range(101), 1.0))
    left.begin(1)
    clock[0] += 360
    left.end([0])
    assert left.words() == "about 10.0 h left"


def test_nothing_is_said_while_most_submissions_are_under_way(clock: list[float]) -> None:
    """Of eight that began together, the first to end tells little."""
    left = TimeLeft(dict.fromkeys(range(20), 1.0))
    left.begin(8)
    for job in range(7):
        clock[0] += 10
        left.end([job])
        left.begin(1)
        assert left.words() == ""
    left.end([7])
    left.end([8])
    assert left.words() != ""


def test_a_submission_may_be_of_several_jobs(clock: list[float]) -> None:
    left = TimeLeft(dict.fromkeys(range(4), 1.0))
    left.begin(1)
    clock[0] += 30
    left.end([0, 1, 2])
    assert left.words() == "about 10 s left"


def test_sparse_rounds_and_short_runs_take_less() -> None:
    plan = Plan(load(CONFIG, {"scale": "paper"}))

    def seconds(experiment: str, round_: int) -> float:
        place = {"experiment": experiment, "round": f"{round_:02d}", "lanes": "trial_0"}
        return seconds_of(plan, place)

    dense, sparse = seconds("lenet_imp", 0), seconds("lenet_imp", 15)
    assert 3 < dense / sparse < 30
    assert seconds_of(plan, {"figure": "fig03"}) < sparse
    quick = Plan(load(CONFIG, {"scale": "quick"}))
    place = {"experiment": "lenet_imp", "round": "00", "lanes": "trial_0"}
    assert seconds_of(quick, place) < dense / 3
