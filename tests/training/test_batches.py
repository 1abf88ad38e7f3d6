"""What a run draws in each iteration: the same wherever it is cut, its own in every run."""

import numpy as np
import pytest

from lth_core.training.batches import PADDING, Draws
from lth_core.training.order import DataOrder

NAMES = ("rows", "crops", "seeds")


def draws(*key: str | int, augment: bool = True, dropout: bool = True) -> Draws:
    return Draws(DataOrder(50, 10, False, *key, "order"), augment, dropout, *key)


@pytest.mark.parametrize("cut", [1, 5, 11])
def test_they_are_the_same_wherever_a_run_is_cut(cut: int) -> None:
    whole, resumed = draws(0).between(0, 12), draws(0).between(cut, 12)
    for name in NAMES:
        np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name)[cut:])


def test_no_two_iterations_or_runs_share_them() -> None:
    """Also where an engine asks for one iteration at a time, as PyTorch on a CPU does."""
    parts = [draws(0).between(i, i + 1) for i in range(12)]
    for name in NAMES:
        assert len({getattr(part, name).tobytes() for part in parts}) == 12, name
        other = getattr(draws(1).between(0, 1), name)
        assert not np.array_equal(getattr(parts[0], name), other), name


def test_half_of_the_images_are_flipped_and_all_corners_are_as_likely() -> None:
    crops = draws(0).between(0, 400).crops
    assert crops is not None
    flips, *corners = crops.reshape(-1, 3).T
    assert flips.mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(4000))
    for corner in corners:
        counts = np.bincount(corner, minlength=2 * PADDING + 1)
        # Of nine, each 444 times in 4,000, with a deviation of 20.
        assert len(counts) == 2 * PADDING + 1 and np.abs(counts - 4000 / 9).max() < 90


def test_what_a_run_does_not_need_is_not_drawn() -> None:
    plain = draws(0, augment=False, dropout=False).between(0, 3)
    assert plain.crops is None and plain.seeds is None
