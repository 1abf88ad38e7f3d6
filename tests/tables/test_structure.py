"""Structure of masks: pairs of inputs by displacement, locality, connected units."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lth_core.errors import NotPlanned
from lth_core.jobs import structure
from lth_core.tables.structure import connected, displacements, pairs
from tests.projects import plan_at


def layer(*units: Sequence[tuple[int, ...]], side: int = 3, channels: int = 1) -> np.ndarray:
    """The mask of a first layer whose units keep these inputs: (channel,) row, column."""
    kept = np.zeros((len(units), channels, side, side), dtype=bool)
    for unit, inputs in zip(kept, units, strict=True):
        for place in inputs:
            unit[(0, *place)[-3:]] = True
    return kept


def patches(random: np.random.Generator, units: int = 200, side: int = 12) -> np.ndarray:
    """A mask that keeps a patch of 3 x 3 pixels for each unit, at a random place."""
    corners = random.integers(0, side - 2, (units, 2))
    places = [[(r + i, c + j) for i in range(3) for j in range(3)] for r, c in corners]
    return layer(*places, side=side)


def test_two_pixels_side_by_side_are_two_pairs() -> None:
    found = pairs(layer([(0, 0), (0, 1)])).found
    expected = np.zeros((5, 5))
    expected[2, 1] = expected[2, 3] = 1  # no row down, one column left or right
    np.testing.assert_array_equal(found, expected)


def test_there_are_as_many_pairs_as_units_have() -> None:
    kept = np.random.default_rng(0).random((20, 3, 5, 4)) < 0.3
    found = pairs(kept).found
    of_units = kept.reshape(20, -1).sum(1)
    assert found.sum() == (of_units * (of_units - 1)).sum()
    np.testing.assert_array_equal(found, found[::-1, ::-1])


def test_inputs_of_a_pixel_in_two_colours_are_a_pair_without_displacement() -> None:
    found = pairs(layer([(0, 1, 1), (1, 1, 1)], channels=2)).found
    assert found[2, 2] == found.sum() == 2


def test_what_is_expected_is_the_mean_over_random_units() -> None:
    random = np.random.default_rng(1)
    kept = random.random((6, 2, 3, 3)) < 0.4
    drawn = [pairs(random.permuted(kept, axis=0)).found for _ in range(4000)]
    assert np.mean(drawn, axis=0) == pytest.approx(pairs(kept).expected, abs=0.25)


def test_a_dense_layer_is_what_is_expected() -> None:
    found = pairs(np.ones((7, 1, 4, 4), dtype=bool))
    np.testing.assert_array_equal(found.found, found.expected)
    assert found.locality == 1 and np.nanmax(found.ratio) == np.nanmin(found.ratio) == 1


def test_patches_are_local_and_shuffled_masks_are_not() -> None:
    random = np.random.default_rng(2)
    kept = patches(random)
    assert pairs(kept).locality > 5
    shuffled = random.permutation(kept.ravel()).reshape(kept.shape)
    assert pairs(shuffled).locality == pytest.approx(1, abs=0.1)


def test_black_pixels_alone_make_no_mask_local() -> None:
    """All weights are in a corner, but on random units."""
    kept = np.zeros((300, 1, 12, 12), dtype=bool)
    kept[..., :4, :4] = np.random.default_rng(3).random((300, 1, 4, 4)) < 0.2
    assert pairs(kept).locality == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("kept", [layer([], []), layer([(0, 0)], [(1, 1)]), layer([])])
def test_without_pairs_there_is_no_locality(kept: np.ndarray) -> None:
    found = pairs(kept)
    assert found.found.sum() == 0 and np.isnan(found.locality) and np.isnan(found.ratio).all()


def test_pixels_that_are_all_far_from_each_other_have_no_locality() -> None:
    assert np.isnan(pairs(layer([(0, 0), (0, 2), (2, 0)])).locality)


def test_a_unit_is_connected_by_a_single_weight() -> None:
    assert connected(np.array([[False, False], [True, False]])) == 0.5
    assert connected(np.zeros((4, 3, 3, 3), dtype=bool)) == 0


def test_tables_hold_displacements_up_to_nine_pixels() -> None:
    wide = displacements(pairs(np.ones((2, 1, 28, 28), dtype=bool)))
    assert len(wide) == 19**2 and wide["down"].abs().max() == wide["right"].max() == 9
    small = displacements(pairs(layer([(0, 0), (1, 2)])))
    assert len(small) == 5**2
    there = small[small["pairs"] > 0]
    assert list(zip(there["down"], there["right"], strict=True)) == [(-1, -2), (1, 2)]


def test_it_reads_what_the_table_of_pixels_does() -> None:
    plan = plan_at("paper")
    job = structure.job(plan, {"results": "results/paper", "experiment": "lenet_imp"})
    assert len(job["runs"]) == 29 * 5 and job["layer"] == "fc1.weight"
    with pytest.raises(NotPlanned, match="the first layer of conv2_imp is not dense"):
        structure.job(plan, {"results": "results/paper", "experiment": "conv2_imp"})


def test_a_row_for_each_run(tables_of: Callable[..., Path]) -> None:
    first = layer([(0, 0), (0, 1), (2, 2)], [(0, 0)], [], [(1, 1), (2, 2)])
    ticket = {"fc1.weight": first.reshape(4, 9), "output.weight": np.eye(2, 4, dtype=bool)}
    empty = {name: np.zeros_like(mask) for name, mask in ticket.items()}
    out = tables_of("structure", [ticket, empty], [1, 3, 3])
    table = pd.read_parquet(out / "structure.parquet")
    assert list(table["connected_fc1"]) == [0.75, 0] and list(table["connected_output"]) == [1, 0]
    assert list(table["connected_units"]) == [0.75, 0]
    assert list(table["weights_remaining"]) == [8, 0]
    assert table["locality"][0] == pairs(first).locality > 0 and np.isnan(table["locality"][1])
    maps = pd.read_parquet(out / "displacements.parquet")
    assert list(maps.groupby("trial")["pairs"].sum()) == [8, 0]
