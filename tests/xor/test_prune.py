"""Scores and masks of hidden units on weights that a reader checks by eye."""

from collections.abc import Callable

import numpy as np
import pytest

from lth_core.networks.shapes import Weights
from lth_core.xor.prune import SCORES, keep_highest, with_pruned, without_pruned

# One network of three units: input weights, then output weights.
WEIGHTS = {
    "fc1.weight": np.array([[[1, -3], [4, 4], [0.5, 0]]], dtype=np.float32),
    "fc1.bias": np.array([[9, 9, 9]], dtype=np.float32),
    "output.weight": np.array([[[-6, 1, 5]]], dtype=np.float32),
    "output.bias": np.array([[9]], dtype=np.float32),
}


@pytest.mark.parametrize(
    ("score", "expected"),
    [("input", [2, 4, 0.25]), ("output", [6, 1, 5]), ("product", [24, 8, 2.5])],
)
def test_scores_of_units(score: str, expected: list[float]) -> None:
    np.testing.assert_allclose(SCORES[score](WEIGHTS), [expected])


@pytest.mark.parametrize(
    ("score", "kept"), [("input", [0, 1]), ("output", [0, 2]), ("product", [0, 1])]
)
def test_each_score_keeps_other_units(score: str, kept: list[int]) -> None:
    mask = keep_highest(SCORES[score](WEIGHTS), np.ones((1, 3), dtype=bool), 2)
    assert np.flatnonzero(mask[0]).tolist() == kept


def test_ties_go_to_the_lower_index_and_what_is_gone_stays_gone() -> None:
    scores = np.array([[1, 2, 2, 2], [9, 0, 0, 1]], dtype=float)
    previous = np.array([[True, False, True, True], [False, True, True, True]])
    mask = keep_highest(scores, previous, 2)
    assert mask.tolist() == [[False, False, True, True], [False, True, False, True]]
    assert keep_highest(scores, previous, 1).tolist() == [
        [False, False, True, False],
        [False, False, False, True],
    ]


def test_more_units_than_there_are_cannot_be_kept() -> None:
    with pytest.raises(ValueError, match="1 units left, 2 to keep"):
        keep_highest(np.ones((1, 2)), np.array([[True, False]]), 2)


def test_a_pruned_unit_goes_with_all_its_weights(random_weights: Callable[..., Weights]) -> None:
    units = np.array([[True, False, True], [False, True, True]])
    weights = random_weights(2, 3)
    small = without_pruned(weights, units)
    np.testing.assert_array_equal(small["fc1.weight"][0], weights["fc1.weight"][0, [0, 2]])
    np.testing.assert_array_equal(small["output.weight"][1, 0], weights["output.weight"][1, 0, 1:])
    whole = with_pruned(small, units)
    for name, lane_mask in (
        ("fc1.weight", units[:, :, None]),
        ("fc1.bias", units),
        ("output.weight", units[:, None]),
        ("output.bias", True),
    ):
        np.testing.assert_array_equal(whole[name], weights[name] * lane_mask)
