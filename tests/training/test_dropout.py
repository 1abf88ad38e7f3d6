import numpy as np
import pytest

from lth_core.training.dropout import noise_function

NETWORK = {
    "input": [3, 4, 4],
    "layers": [
        {"type": "dropout", "rate": 0.25},
        {"type": "dense", "units": 300},
        {"type": "dropout", "rate": 0.5},
    ],
    "classes": 4,
}


def test_noise_drops_at_the_rate_and_keeps_the_expectation():
    first, second = noise_function(NETWORK)(np.array([1, 2]), 60)
    assert first.shape == (2, 60, 3, 4, 4) and second.shape == (2, 60, 300)
    assert first.dtype == second.dtype == np.float32
    for noise, rate in (first, 0.25), (second, 0.5):
        assert set(np.unique(noise)) == {np.float32(0), np.float32(1 / (1 - rate))}
        # At 5,760 draws or more, five standard deviations are below 0.03.
        assert np.mean(noise == 0) == pytest.approx(rate, abs=0.03)


def test_noise_depends_on_the_seed_alone():
    noise = noise_function(NETWORK)
    both = noise(np.array([1, 2]), 60)
    [alone, other] = noise(np.array([2]), 60), noise(np.array([3]), 60)
    for layer in range(2):
        np.testing.assert_array_equal(both[layer][1], alone[layer][0])
        assert not np.array_equal(alone[layer], other[layer])


def test_layers_of_one_size_have_noise_of_their_own():
    layers = [{"type": "dropout", "rate": 0.5}, {"type": "dropout", "rate": 0.5}]
    first, second = noise_function(NETWORK | {"layers": layers})(np.array([1]), 60)
    assert not np.array_equal(first, second)


def test_dropout_needs_seeds_and_other_networks_do_not():
    with pytest.raises(ValueError, match="has dropout, but there are no seeds"):
        noise_function(NETWORK)(None, 60)
    assert noise_function(NETWORK | {"layers": []})(None, 60) == []
