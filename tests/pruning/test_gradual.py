"""Schedules of gradual pruning: what is done when, and what stays."""

import numpy as np
import pytest

from lth_core.pruning.gradual import done_at, keep_so_far

MEASURED = np.arange(0, 1001, 100)


@pytest.mark.parametrize(
    ("schedule", "pruned"),
    [
        ("constant", [0.8, 0.8, 0.8, 0.8]),
        ("linear", [0.2, 0.4, 0.6, 0.8]),
        ("cubic", [0.4625, 0.7, 0.7875, 0.8]),
    ],
)
def test_shares_pruned_after_each_of_four_steps(schedule, pruned: list[float]) -> None:
    done = done_at(schedule, 0.0, 0.8, 4, MEASURED)
    assert list(done) == [200, 400, 600, 800]
    keep = [keep_so_far({"fc": 0.2}, share)["fc"] for share in done.values()]
    assert [1 - share for share in keep] == pytest.approx(pruned)


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3, 1 / 3])
def test_the_last_step_keeps_exactly_what_iterative_pruning_does(rate: float) -> None:
    keep = {"fc": (1 - rate) ** 7, "output": 1.0}
    assert keep_so_far(keep, done_at("cubic", 0.0, 0.8, 40, MEASURED)[800]) == keep


@pytest.mark.parametrize(
    ("begin", "end", "steps", "iterations"),
    [
        (0.0, 1.0, 1, [1000]),
        (0.5, 1.0, 5, [600, 700, 800, 900, 1000]),
        (0.0, 0.1, 3, [100]),  # of several at one evaluation the last counts
        (0.0, 0.001, 1, [100]),  # never before training
        (0.0, 0.46, 2, [200, 500]),  # the nearest
    ],
)
def test_steps_fall_on_evaluations(
    begin: float, end: float, steps: int, iterations: list[int]
) -> None:
    done = done_at("linear", begin, end, steps, MEASURED)
    assert list(done) == iterations and done[iterations[-1]] == 1


def test_an_evaluation_at_the_end_alone_is_enough() -> None:
    assert done_at("cubic", 0.0, 0.8, 40, np.array([0, 2])) == {2: 1.0}
