"""Verdicts follow from interval and tolerance, and the worst check decides."""

from typing import Any

import pytest

from lth_core.claims.estimate import Estimate, estimate
from lth_core.claims.results import evaluate
from lth_core.claims.verdict import VERDICTS, judge, verdict
from lth_core.config.claims import Accept, Claim, Entry

Y = "test_accuracy_at_early_stop"
GAIN = {
    "estimator": "difference",
    "experiment": "ticket",
    "y": Y,
    "size": 80,
    "minus": {"size": 100},
}


def claim(*checks: tuple[dict[str, Any], dict[str, Any]], **entry: Any) -> Claim:
    written = [{"statistic": statistic, "accept": accept} for statistic, accept in checks]
    checked = Entry.model_validate({"statement": "s", "checks": written, **entry})
    return Claim(
        id="c001",
        section="2",
        quantity="a gain",
        value="1",
        unit="points",
        figures=("fig04",),
        entry=checked,
    )


@pytest.mark.parametrize(
    ("accept", "low", "high", "expected"),
    [
        ({"between": [1, 2]}, 1.0, 2.0, "reproduced"),
        ({"between": [1, 2]}, 1.5, 2.1, "inconclusive"),
        ({"between": [1, 2]}, 0.5, 2.5, "inconclusive"),
        ({"between": [1, 2]}, 2.1, 3.0, "not reproduced"),
        ({"between": [1, None]}, 1.0, 9.0, "reproduced"),
        ({"above": 0}, 0.0, 1.0, "inconclusive"),
        ({"above": 0}, 0.1, 1.0, "reproduced"),
        ({"above": 0}, -1.0, 0.0, "not reproduced"),
        ({"below": 0}, -2.0, -1.0, "reproduced"),
        ({"below": 0}, 1.0, 2.0, "not reproduced"),
    ],
)
def test_the_interval_decides(accept: Any, low: float, high: float, expected: str) -> None:
    found = Estimate((low + high) / 2, low, high, 5)
    assert verdict(found, Accept.model_validate(accept))[0] == expected


def test_exact_numbers_need_no_interval_and_one_trial_has_none() -> None:
    exactly = Accept(between=(3, 3))
    assert verdict(Estimate(3.0, None, None, None), exactly)[0] == "reproduced"
    assert verdict(Estimate(4.0, None, None, None), exactly)[0] == "not reproduced"
    assert verdict(Estimate(3.0, None, None, 1), exactly)[0] == "inconclusive"
    assert verdict(Estimate(float("nan"), 1.0, 2.0, 5), exactly)[0] == "inconclusive"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[0.90, 0.91], [0.91, 0.92], [0.92, 0.93]], "reproduced"),
        ([[0.90, 0.89], [0.91, 0.90], [0.92, 0.91]], "not reproduced"),
        ([[0.90, 0.89], [0.91, 0.92], [0.92, 0.92]], "inconclusive"),
        ([[0.90, 0.91]], "inconclusive"),
        ([[0.90], [0.91]], "not run"),
    ],
)
def test_a_gain_in_all_some_or_no_trials(make, values: Any, expected: str) -> None:
    outcomes = judge(claim((GAIN, {"above": 0})), make({"ticket": values}))
    assert [outcome.verdict for outcome in outcomes] == [expected]


def test_trials_are_resampled_together_with_their_controls(make) -> None:
    # Every ticket is a point above its control, whatever its trial: no doubt about the difference.
    tables = make({"ticket": [[0.70], [0.80], [0.90]], "reinit": [[0.69], [0.79], [0.89]]})
    check = {"estimator": "difference", "experiment": "ticket", "y": Y, "size": 100}
    parsed = claim((check | {"minus": {"experiment": "reinit"}}, {"above": 0}))
    found = estimate(parsed.entry.checks[0].statistic, tables)
    assert (found.low, found.high, found.n) == (pytest.approx(1), pytest.approx(1), 3)
    value = claim((check | {"estimator": "value"}, {"above": 0})).entry.checks[0].statistic
    assert (estimate(value, tables).low or 0) < 76
    assert estimate(value, tables) == estimate(value, tables)


def test_the_worst_check_decides(make) -> None:
    tables = make({"ticket": [[0.90, 0.91], [0.91, 0.92], [0.92, 0.93]]})
    absent = GAIN | {"experiment": "absent"}
    good, bad, missing = (GAIN, {"above": 0}), (GAIN, {"below": 0}), (absent, {"above": 0})
    for checks, expected in (
        ([good, good], "reproduced"),
        ([good, missing], "not run"),
        ([good, missing, bad], "not reproduced"),
    ):
        assert judge(claim(*checks), tables)[0].verdict == expected
    row = evaluate([claim(good, bad)], tables, {"c001": "at scale quick: 3 of 5 trials"}).iloc[0]
    assert (row["verdict"], row["scale"]) == ("not reproduced", "at scale quick: 3 of 5 trials")
    assert row["reason"] == "1 of 2 checks: allowed: below 0"
    assert row["observed"] == pytest.approx(1)


def test_a_pattern_must_hold_for_each_experiment(make) -> None:
    each = GAIN | {"experiment": "rate_*"}
    tables = make({"rate_1": [[0.90, 0.91]] * 3, "rate_2": [[0.90, 0.89]] * 3})
    outcomes = judge(claim((each, {"above": 0})), tables)
    assert [outcome.verdict for outcome in outcomes] == ["not reproduced", "reproduced"]


def test_what_no_run_can_tell_says_why(make) -> None:
    (outcome,) = judge(claim(not_checkable="A search."), make({}))
    assert (outcome.verdict, outcome.reason) == ("not run", "A search.")
    assert outcome.verdict in VERDICTS


SPEED = {"estimator": "ratio", "experiment": "ticket", "y": "early_stop_iteration", "size": 80}


@pytest.mark.parametrize(
    ("over", "stops", "expected"),
    [
        ({"size": 100}, [[900, 1000]] * 3, "inconclusive"),
        # Both are cut off, so that they are equal whatever they would have done.
        ({"size": 100}, [[1000, 1000]] * 3, "inconclusive"),
        ({"size": 64}, [[1000, 900, 900]] * 3, "not reproduced"),
    ],
)
def test_iterations_of_runs_that_are_cut_off_decide_nothing(
    over: Any, stops: Any, expected: str, make: Any
) -> None:
    """Runs of these tables have 1,000 iterations."""
    slower = claim(({**SPEED, "over": over}, {"below": 1}))
    tables = make({"ticket": stops}, y="early_stop_iteration")
    assert judge(slower, tables)[0].verdict == "not reproduced"
    tables.shortened = True
    assert judge(slower, tables)[0].verdict == expected


@pytest.mark.parametrize("name", ["a", "c", "conv2_imp", "lenet_imp", "lenet_random"])
def test_one_run_that_is_cut_off_may_turn_a_trend_by_whatever_name(name: str, make: Any) -> None:
    """The trend is of means: it turns only where the run would have gone on for long."""
    stops = [[500, 600, 700, 790, 950]] * 4 + [[500, 600, 700, 1000, 950]]
    tables = make({name: stops}, y="early_stop_iteration")
    tables.shortened = True
    falls = SPEED | {"estimator": "trend", "experiment": name, "sizes": [100, 41]}
    del falls["size"]
    assert judge(claim((falls, {"above": 0})), tables)[0].verdict == "inconclusive"


def test_a_share_of_the_run_is_cut_off_too(make: Any) -> None:
    whole = {"estimator": "value", "experiment": "ticket", "y": "early_stop_share_of_run"}
    never = claim((whole | {"size": 80}, {"above": 0.9}))
    tables = make({"ticket": [[500, 1000]] * 3}, y="early_stop_iteration")
    assert judge(never, tables)[0].verdict == "reproduced"
    tables.shortened = True
    assert judge(never, tables)[0].verdict == "inconclusive"


@pytest.mark.parametrize(("trials", "expected"), [(2, "inconclusive"), (3, "reproduced")])
def test_two_trials_that_agree_decide_nothing(trials: int, expected: str, make: Any) -> None:
    tables = make({"ticket": [[900, 700]] * trials}, y="early_stop_iteration")
    faster = claim((SPEED | {"over": {"size": 100}}, {"below": 1}))
    assert judge(faster, tables)[0].verdict == expected


def test_a_run_that_is_cut_off_counts_as_accurate_as_it_is(make: Any) -> None:
    table = make({"ticket": [[0.8, 0.9]] * 3})
    table.shortened = True
    assert judge(claim((GAIN, {"above": 0})), table)[0].verdict == "reproduced"
