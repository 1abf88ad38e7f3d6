"""The order of the examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_core.training.order import DataOrder

KEY = (0, 0, "imp", "original", 3, 0, "order")


@given(st.integers(1, 30), st.integers(1, 40), st.integers(1, 30))
def test_every_epoch_is_a_permutation(examples: int, batch: int, iterations: int) -> None:
    rows = DataOrder(examples, batch, False, *KEY).batches(0, iterations)
    assert rows.shape == (iterations, batch) and rows.dtype == np.int32
    # Batches straddle epochs: nothing is dropped and nothing comes twice in an epoch.
    flat = rows.ravel()
    for epoch in range(len(flat) // examples):
        part = flat[epoch * examples : (epoch + 1) * examples]
        assert sorted(part.tolist()) == list(range(examples))
    rest = flat[len(flat) // examples * examples :]
    assert len(set(rest.tolist())) == len(rest)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=5))
def test_the_same_whatever_the_blocks(blocks: list[int]) -> None:
    whole = DataOrder(25, 4, False, *KEY).batches(0, sum(blocks))
    order, start, parts = DataOrder(25, 4, False, *KEY), 0, []
    for block in blocks:
        parts.append(order.batches(start, start + block))
        start += block
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_resumed_run_needs_no_position() -> None:
    whole = DataOrder(25, 4, False, *KEY).batches(0, 40)
    assert np.array_equal(DataOrder(25, 4, False, *KEY).batches(30, 40), whole[30:])


@given(st.integers(5, 30), st.integers(1, 5), st.integers(1, 30))
def test_the_last_batch_of_an_epoch_may_be_dropped(
    examples: int, batch: int, iterations: int
) -> None:
    rows = DataOrder(examples, batch, True, *KEY).batches(0, iterations)
    per_epoch = examples // batch
    for start in range(0, iterations, per_epoch):
        epoch = rows[start : start + per_epoch].ravel().tolist()
        assert len(set(epoch)) == len(epoch)


def test_vgg_19_has_703_batches_an_epoch() -> None:
    """Section 4: 112,480 iterations are 160 epochs."""
    order = DataOrder(45_000, 64, True, *KEY)
    last, first = order.batches(702, 703), order.batches(703, 704)
    whole = DataOrder(45_000, 64, False, *KEY).batches(0, 703)
    assert np.array_equal(last, whole[702:]) and 160 * 703 == 112_480
    assert not np.array_equal(first, DataOrder(45_000, 64, False, *KEY).batches(703, 704))


def test_epochs_differ() -> None:
    rows = DataOrder(50, 10, False, *KEY).batches(0, 10).ravel()
    assert not np.array_equal(rows[:50], rows[50:])


@pytest.mark.parametrize("place", range(len(KEY)))
def test_runs_differ(place: int) -> None:
    other: list[str | int] = list(KEY)
    other[place] = "other" if isinstance(other[place], str) else 7
    first, second = DataOrder(50, 10, False, *KEY), DataOrder(50, 10, False, *other)
    assert not np.array_equal(first.batches(0, 5), second.batches(0, 5))
