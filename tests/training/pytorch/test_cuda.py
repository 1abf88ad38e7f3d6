"""The torch engine on a GPU against itself on the CPU; tests beside this one use a GPU as well."""

import numpy as np
import pytest
import torch

from lth_core.training.pytorch.engine import TorchEngine
from tests.training.pytorch.test_deep_networks import (
    ADAM,
    DENSE_EVERYTHING,
    EVERYTHING,
    MOMENTUM,
    SMALL_CONV_2,
    batches_of,
    engine_for,
    lane,
)

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

each_network = pytest.mark.parametrize(
    "network", [EVERYTHING, SMALL_CONV_2, DENSE_EVERYTHING], ids=["residual", "conv", "dense"]
)
each_optimiser = pytest.mark.parametrize("optimiser", [MOMENTUM, ADAM], ids=lambda o: o.name)


def trained(network, optimiser, seeds, iterations=6, **options) -> TorchEngine:
    engine = engine_for([lane(seed, 0.5, network) for seed in seeds], optimiser, network, **options)
    engine.train(batches_of(seeds, iterations))
    return engine


def assert_close(found, expected):
    """Only the order of sums differs, as in `test_stacked_lanes_agree_with_single_ones`."""
    for name, weight in expected.weights.items():
        np.testing.assert_allclose(found.weights[name], weight, atol=1e-3, rtol=1e-4)


@each_network
@each_optimiser
def test_a_gpu_agrees_with_the_cpu(network, optimiser):
    ends = [trained(network, optimiser, [1, 2], device=device) for device in ("cuda", "cpu")]
    for found, expected in zip(*(engine.states() for engine in ends), strict=True):
        assert_close(found, expected)
    found, expected = (np.stack(engine.evaluate("validation")) for engine in ends)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-3)
    np.testing.assert_allclose(found[1], expected[1], atol=2.5 / 230)  # two examples near a tie


@each_network
@each_optimiser
def test_a_gpu_has_the_same_bits_every_time(network, optimiser):
    first, second = (trained(network, optimiser, [1, 2], 20).states() for _ in range(2))
    for found, expected in zip(first, second, strict=True):
        for name, weight in expected.weights.items():
            assert found.weights[name].tobytes() == weight.tobytes(), name


@each_network
def test_1_3_and_15_lanes_agree(network):
    ends = [trained(network, ADAM, list(range(lanes))).states()[0] for lanes in (1, 3, 15)]
    assert_close(ends[1], ends[0])
    assert_close(ends[2], ends[0])


@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
def test_lower_precisions_change_little(precision):
    losses = {}
    for name in "float32", precision:
        engine = trained(SMALL_CONV_2, ADAM, [1], 30, precision=name)
        assert engine.description["precision"] == name
        losses[name] = engine.evaluate("validation")[0]
    assert losses[precision] != losses["float32"]
    np.testing.assert_allclose(losses[precision], losses["float32"], rtol=0.05)
