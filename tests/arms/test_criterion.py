"""Zhou's criteria on six weights, whose winners were worked out by hand."""

from typing import get_args

import numpy as np
import pytest

from lth_core.arms.masks import criterion
from lth_core.arms.source import Inputs, Network
from lth_core.networks.shapes import Layer
from lth_core.streams import stream

LAYER = Layer("fc1", "fc", (2, 3))
INITIAL = [0.5, -0.2, 0.3, -0.4, 0.1, -0.6]
FINAL = [0.55, 0.45, -0.1, -0.5, 0.35, -0.05]
KEPT = {
    "large_init": {0, 3, 5},
    "small_init": {1, 2, 4},
    "small_final": {2, 4, 5},
    "magnitude_increase": {1, 3, 4},
    "movement": {1, 2, 5},
    "large_init_large_final": {0, 1, 3},  # 1 and 2 are equal
    "small_init_small_final": {1, 2, 4},
    "large_final_same_sign": {0, 3, 4},
    "large_final_diff_sign": {0, 1, 2},  # 0, 3, 4 and 5 are equal
}
SCORES = get_args(criterion.Settings.model_fields["score"].annotation)


def kept(score: str, keep: int, initial=INITIAL, final=FINAL, alive=(True,) * 6) -> set[int]:
    def shaped(values, dtype=np.float32):
        return {LAYER.weight: np.array(values, dtype).reshape(LAYER.shape)}

    inputs = Inputs(
        layers=[LAYER],
        initialisation={},
        initial=shaped(initial),
        parents={"trained": Network(weights=shaped(final), masks=shaped(alive, bool))},
        generator=stream("no draws"),
    )
    settings = {"score": score, "keep": {"fc": keep / 6}, "scope": "layer"}
    return set(np.flatnonzero(criterion.masks(settings, inputs)[LAYER.weight]).tolist())


def test_every_score_is_here() -> None:
    assert set(SCORES) == set(KEPT)


@pytest.mark.parametrize("score", KEPT)
def test_what_each_score_keeps(score: str) -> None:
    assert kept(score, 3) == KEPT[score]


@pytest.mark.parametrize("score", KEPT)
def test_of_equal_weights_the_first_stay(score: str) -> None:
    assert kept(score, 2, [0.1] * 6, [0.2] * 6) == {0, 1}


@pytest.mark.parametrize("score", KEPT)
def test_what_was_pruned_stays_away_and_counts_in_no_rank(score: str) -> None:
    alive = [True, False, True, True, False, True]
    found = kept(score, 2, alive=alive)
    assert found < {0, 2, 3, 5}
    others = [value if lives else 99 for value, lives in zip(FINAL, alive, strict=True)]
    assert kept(score, 2, others, others, alive) == kept(score, 2, FINAL, FINAL, alive)


@pytest.mark.parametrize("score", KEPT)
def test_a_layer_may_end_up_empty(score: str) -> None:
    assert kept(score, 0) == set()
    assert kept(score, 0, alive=[False] * 6) == set()


@pytest.mark.parametrize("score", KEPT)
def test_what_a_diverged_run_leaves_goes_first(score: str) -> None:
    for place in range(6):
        final = [*FINAL[:place], np.nan, *FINAL[place + 1 :]]
        assert kept(score, 5, final=final) == {*range(6)} - {place}
