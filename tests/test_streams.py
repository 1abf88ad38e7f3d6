"""Named random streams."""

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lth_core.streams import stream

KEYS = st.lists(st.integers(-5, 10**6) | st.text(max_size=8), min_size=1, max_size=4)


@given(KEYS)
def test_the_same_key_gives_the_same_numbers(key: list[str | int]) -> None:
    assert np.array_equal(stream(*key).random(5), stream(*key).random(5))


@given(KEYS, KEYS)
def test_other_keys_give_other_numbers(one: list[str | int], other: list[str | int]) -> None:
    same = [*map(type, one), *one] == [*map(type, other), *other]
    assert np.array_equal(stream(*one).random(5), stream(*other).random(5)) == same


def test_a_number_is_not_its_text() -> None:
    assert stream(1, "a").random() != stream("1", "a").random()


def test_streams_are_uncorrelated() -> None:
    draws = np.array([stream(0, trial, "order").standard_normal(4000) for trial in range(10)])
    correlations = np.corrcoef(draws)[np.triu_indices(10, k=1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(4000)


def test_numbers_are_the_same_in_another_process() -> None:
    """Python's own hash() would differ from process to process."""
    code = "from lth_core.streams import stream; print(stream(0, 3, 'mask').random())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(run.stdout) == stream(0, 3, "mask").random()


def test_frozen_numbers() -> None:
    """A change here changes every initial weight and every order of data: all runs go stale."""
    numbers = stream(0, 0, "initialisation").integers(10**6, size=4)
    assert numbers.tolist() == [371343, 751285, 766663, 635238]
