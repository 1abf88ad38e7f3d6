"""DB and ZL on outputs made by hand, and the interval of a rate."""

import numpy as np
import pytest

from lth_core.xor.success import decision_boundary, wilson, zero_loss

# Logits of the points 00, 01, 10, 11, of which the two in the middle should be above 0.
CASES = {
    "all right": ([-9, 9, 9, -9], True, True),
    "right, but not sure": ([-3, 3, 3, -3], True, False),
    "one point clearly wrong": ([-9, 9, -0.5, -9], False, False),
    "one point wrong within the margin": ([-9, 9, -0.04, -9], True, False),
    "one point wrong by the margin": ([-9, 9, -0.05, -9], False, False),
    "three points at 0.5, as stuck networks say": ([0, 9, 0, 0], True, False),
    "all at 0.5": ([0, 0, 0, 0], True, False),
    "one point at 0.5": ([-20, 20, 20, 0], True, False),
    "the boundary of AND": ([-9, -9, -9, 9], False, False),
}


@pytest.mark.parametrize(("logits", "boundary", "zero"), CASES.values(), ids=CASES)
def test_success(logits: list[float], boundary: bool, zero: bool) -> None:
    one = np.array([logits])
    assert decision_boundary(one, 0.05).tolist() == [boundary]
    assert zero_loss(one, 0.01).tolist() == [zero]


def test_without_a_margin_a_tie_is_no_success() -> None:
    assert decision_boundary(np.array([[-9, 9, 9, 0], [-9, 9, 9, -0.01]]), 0.0).tolist() == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    [
        (0, 10, (0.0, 0.2775)),
        (929, 1000, (0.9114, 0.9433)),
        (10, 10, (0.7225, 1.0)),
        (1, 3, (0.0615, 0.7923)),
    ],
)
def test_the_interval_of_a_rate(successes: int, trials: int, interval: tuple[float, float]) -> None:
    assert wilson(successes, trials) == pytest.approx(interval, abs=5e-5)


def test_no_trials_have_no_interval() -> None:
    assert np.isnan(wilson(0, 0)).all()
