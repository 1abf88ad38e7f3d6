"""How long a call still takes."""

from pathlib import Path

import pytest

from lth_core.config.load import load
from lth_core.costs.left import TimeLeft, announcement, longest_chain, seconds_of
from lth_core.runs.behind import jobs_behind
from lth_core.runs.plan import Plan
from tests.projects import plan_at

CONFIG = Path(__file__).parents[2] / "config"


def place(experiment: str, round_: int, lanes: str = "trial_0") -> dict[str, str]:
    """Return the wildcards of a training job."""
    return {"experiment": experiment, "round": f"{round_:02d}", "lanes": lanes}


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


def test_the_time_that_data_took_says_nothing(clock: list[float]) -> None:
    left = TimeLeft({0: 0.0, 1: 1.0, 2: 1.0})
    left.begin(1)
    clock[0] += 60
    left.end([0])
    assert left.words() == ""
    left.begin(1)
    clock[0] += 5
    left.end([1])
    assert left.words() == "about 5 s left"


def test_a_submission_may_be_of_several_jobs(clock: list[float]) -> None:
    left = TimeLeft(dict.fromkeys(range(4), 1.0))
    left.begin(1)
    clock[0] += 30
    left.end([0, 1, 2])
    assert left.words() == "about 10 s left"


def test_sparse_rounds_and_short_runs_take_less() -> None:
    plan = plan_at("paper")

    places = {name: place("lenet_imp", number) for name, number in (("dense", 0), ("sparse", 15))}
    seconds = seconds_of(plan, places | {"figure": {"figure": "fig03"}}, with_gpu=False)
    assert 3 < seconds["dense"] / seconds["sparse"] < 30
    assert seconds["figure"] < seconds["sparse"]
    quick = plan_at("quick")
    assert seconds_of(quick, places, with_gpu=False)["dense"] < seconds["dense"] / 3


def test_pytorch_takes_less_on_a_gpu() -> None:
    plan = Plan(load(CONFIG, {"scale": "paper", "engine": "torch"}))
    places = {0: place("conv2_imp", 0)}
    assert (
        seconds_of(plan, places, with_gpu=True)[0] < seconds_of(plan, places, with_gpu=False)[0] / 5
    )
    # An iteration takes Python as long, however small the network is.
    lenet = {0: place("lenet_imp", 0)}
    assert seconds_of(plan, lenet, with_gpu=True)[0] > 50_000 / 1000
    sparse = plan_at("paper")
    assert seconds_of(sparse, places, with_gpu=True) == seconds_of(sparse, places, with_gpu=False)


def test_quick_is_an_evening_on_eight_cores_without_a_gpu() -> None:
    plan = plan_at("quick")
    places = {
        job.folder: place(job.experiment, job.round, job.folder.name) for job in plan.jobs.values()
    }
    seconds = seconds_of(plan, places, with_gpu=False)
    assert sum(seconds.values()) < 8 * 12 * 3600
    total, longest = sum(seconds.values()), longest_chain(plan, seconds)
    assert announcement(total, longest, len(places), 8).endswith(" training jobs.")


@pytest.mark.parametrize(
    ("hours", "training", "cores", "expected"),
    [
        (7.9, 10, 8, ""),
        (8, 2312, 8, "about 60 min on 8 cores (roughly; `lth plan` measures it): 2,312 training"),
        (96, 1, 8, "about 12.0 h on 8 cores (roughly; `lth plan` measures it): 1 training job."),
        (1.5, 20, 1, "about 1.5 h on 1 core ("),
        (0.9, 20, None, ""),
        (96, 20, None, "about 96.0 core-hours ("),
        (71462, 20, None, "about 71,462 core-hours ("),
    ],
)
def test_what_a_call_costs_is_said_from_an_hour_on(
    hours: float, training: int, cores: int | None, expected: str
) -> None:
    said = announcement(hours * 3600, 0.0, training, cores)
    assert expected in said if expected else not said


def test_no_number_of_cores_makes_a_chain_shorter() -> None:
    """Rounds of a trial follow each other; another trial's run beside them."""
    plan = plan_at("paper")
    jobs = jobs_behind(plan, plan.runs("lenet_imp", range(4)))
    hours = {job.folder: 3600.0 for job in jobs}
    assert longest_chain(plan, hours) == 4 * 3600
    left = {job.folder: 3600.0 for job in jobs if job.round > 1}
    assert longest_chain(plan, left) == 2 * 3600
    assert "about 4.0 h on 64 cores" in announcement(20 * 3600, 4 * 3600, 20, 64)
    assert "about 10.0 h on 2 cores" in announcement(20 * 3600, 4 * 3600, 20, 2)
    assert longest_chain(plan, {}) == 0
