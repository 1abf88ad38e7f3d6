"""Masks on arrays that can be checked by eye, and their laws on any arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lth_core.networks.shapes import Layer
from lth_core.pruning import score
from lth_core.pruning.count import Pool
from lth_core.pruning.mask import dense, keep_highest

A = Layer("a", "fc", (2, 3))
B = Layer("b", "output", (2, 2))
SCORES = {
    "a.weight": np.array([5.0, 1.0, 4.0, 2.0, 6.0, 3.0]),
    "b.weight": np.array([0.5, 7.0, 2.5, 0.1]),
}


def test_each_layer_by_itself() -> None:
    masks = keep_highest(SCORES, dense([A, B]), [Pool((A,), 2), Pool((B,), 3)])
    assert masks["a.weight"].tolist() == [[True, False, False], [False, True, False]]
    assert masks["b.weight"].tolist() == [[True, True], [True, False]]


def test_layers_of_a_pool_compete() -> None:
    masks = keep_highest(SCORES, dense([A, B]), [Pool((A, B), 4)])
    assert masks["a.weight"].tolist() == [[True, False, True], [False, True, False]]
    assert masks["b.weight"].tolist() == [[False, True], [False, False]]


def test_removed_weights_stay_removed_whatever_they_score() -> None:
    previous = {"a.weight": np.array([[False, True, True], [True, False, True]])}
    masks = keep_highest(SCORES, previous, [Pool((A,), 2)])
    assert masks["a.weight"].tolist() == [[False, False, True], [False, False, True]]


def test_of_equal_scores_the_lower_index_stays() -> None:
    scores = {"a.weight": np.array([1.0, 2.0, 1.0, 1.0, 2.0, 1.0])}
    masks = keep_highest(scores, dense([A]), [Pool((A,), 4)])
    assert masks["a.weight"].ravel().tolist() == [True, True, True, False, True, False]


def test_ties_across_a_pool_go_to_the_earlier_layer() -> None:
    scores = {"a.weight": np.ones(6), "b.weight": np.ones(4)}
    masks = keep_highest(scores, dense([A, B]), [Pool((A, B), 7)])
    assert masks["a.weight"].all() and masks["b.weight"].ravel().tolist() == [True] + [False] * 3


def test_weights_of_a_diverged_run_go_first() -> None:
    weight = np.array([[np.nan, 0.0, 3.0], [np.nan, -2.0, np.inf]], dtype=np.float32)
    masks = keep_highest({"a.weight": score.magnitude(weight)}, dense([A]), [Pool((A,), 4)])
    assert masks["a.weight"].tolist() == [[False, True, True], [False, True, True]]


def test_magnitude_ignores_the_sign() -> None:
    assert score.magnitude(np.array([[-3.0, 2.0]])).tolist() == [3.0, 2.0]


def test_too_few_survivors() -> None:
    with pytest.raises(ValueError, match=r"a\.weight.*6 weights left, 7 to keep"):
        keep_highest(SCORES, dense([A]), [Pool((A,), 7)])


def test_a_layer_may_be_pruned_away() -> None:
    assert not keep_highest(SCORES, dense([A]), [Pool((A,), 0)])["a.weight"].any()


@given(
    # Few distinct values, so that there are ties.
    hnp.arrays(np.float32, (5, 8), elements=st.sampled_from([0.0, -1.0, 1.0, 2.5, np.nan])),
    st.lists(st.integers(0, 40), min_size=1, max_size=5).map(lambda x: sorted(x, reverse=True)),
)
def test_exact_and_nested_over_rounds(weight: np.ndarray, counts: list[int]) -> None:
    layer = Layer("fc1", "fc", (5, 8))
    masks = dense([layer])
    for count in counts:
        before = masks["fc1.weight"]
        scores = {"fc1.weight": score.magnitude(weight)}
        masks = keep_highest(scores, masks, [Pool((layer,), count)])
        after = masks["fc1.weight"]
        assert after.dtype == bool and after.shape == (5, 8) and after.sum() == count
        assert not (after & ~before).any()
        kept, gone = np.abs(weight[after]), np.abs(weight[before & ~after])
        if count and gone.size:
            assert np.nan_to_num(kept, nan=-1).min() >= np.nan_to_num(gone, nan=-1).max()


def test_random_scores_keep_every_weight_as_often() -> None:
    generator = np.random.default_rng(0)
    kept = np.zeros(6)
    for _ in range(3000):
        scores = {"a.weight": score.random(np.zeros((2, 3)), generator)}
        kept += keep_highest(scores, dense([A]), [Pool((A,), 2)])["a.weight"].ravel()
    # Each stays with probability 1/3: 1000 times of 3000, standard deviation 26.
    assert np.abs(kept - 1000).max() < 130
