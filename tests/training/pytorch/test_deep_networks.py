"""The torch engine on networks and settings of Section 4 and appendix H.

Batch norm, residual blocks, dropout, augmentation, schedules, weight decay, bfloat16.
"""

from dataclasses import replace

import numpy as np
import pytest

from lth_core.data.scaling import standardise
from lth_core.data.split import Split
from lth_core.networks.shapes import is_running, weight_layers
from lth_core.training.batches import Batches
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.state import Optimiser, State

EVERYTHING = {
    "input": [3, 8, 8],
    "layers": [
        {"type": "conv", "filters": 4, "batch_norm": True},
        {"type": "residual", "filters": 4, "stride": 1},
        {"type": "max_pool", "size": 2},
        {"type": "residual", "filters": 6, "stride": 2},
        {"type": "average_pool", "size": 2},
        {"type": "dense", "units": 7},
        {"type": "dropout", "rate": 0.5},
    ],
    "classes": 4,
}
DENSE_EVERYTHING = {
    "input": [3, 8, 8],
    "layers": [
        {"type": "dense", "units": 9, "batch_norm": True},
        {"type": "dropout", "rate": 0.5},
        {"type": "dense", "units": 7},
    ],
    "classes": 4,
}
SMALL_CONV_2 = {
    "input": [3, 8, 8],
    "layers": [
        {"type": "conv", "filters": 8},
        {"type": "conv", "filters": 8},
        {"type": "max_pool", "size": 2},
        {"type": "dense", "units": 16},
        {"type": "dense", "units": 16},
    ],
    "classes": 4,
}
UNLIKE_THE_PAPERS = {
    "input": [3, 8, 8],
    "activation": "gelu",
    "layers": [
        {"type": "conv", "filters": 8, "kernel": 5, "stride": 2, "batch_norm": True},
        {"type": "conv", "filters": 8, "kernel": 2, "padding": 0},
        {"type": "dense", "units": 16, "batch_norm": True},
    ],
    "classes": 4,
}
DENSE_UNLIKE_THE_PAPERS = UNLIKE_THE_PAPERS | {
    "layers": [{"type": "dense", "units": 24}, {"type": "dense", "units": 16, "batch_norm": True}]
}
MOMENTUM = Optimiser("momentum", 0.05, weight_decay=1e-2, warmup=4, drops=(9, 14))
ADAM = replace(MOMENTUM, name="adam", learning_rate=0.01)
SEEDS = (1, 2, 3)
each_packing = pytest.mark.parametrize(
    ("network", "stacked"),
    [(EVERYTHING, False), (DENSE_EVERYTHING, False), (DENSE_EVERYTHING, True)],
    ids=["conv", "dense", "dense-stacked"],
)


def splits():
    """Images that differ by label, so that there is something to learn."""
    random = np.random.default_rng(0)
    patterns = random.integers(0, 128, (4, 3, 8, 8), np.uint8)
    scale = standardise((3, 8, 8), np.full(3, 128, np.float32), np.full(3, 50, np.float32))

    def split(size):
        labels = random.integers(0, 4, size).astype(np.uint8)
        noise = random.integers(0, 128, (size, 3, 8, 8), np.uint8)
        return Split(patterns[labels] + noise, labels, *scale)

    return {"train": split(50), "validation": split(230), "test": split(20)}


def lane(seed, density=0.5, network=EVERYTHING):
    random = np.random.default_rng(seed)
    weights, masks = {}, {}
    for layer in weight_layers(network):
        for name, shape in layer.tensors.items():
            one = name.endswith(("scale", "running_var"))
            weights[name] = np.full(shape, one, np.float32)
        masks[layer.weight] = random.random(layer.shape) < density
        normal = random.standard_normal(layer.shape, np.float32)
        weights[layer.weight] = normal * masks[layer.weight] * np.float32((2 / layer.fan_in) ** 0.5)
    return State(weights, {}, 0), masks


def batches_of(seeds, iterations, batch=6):
    draws = [np.random.default_rng(seed) for seed in seeds]
    shape = (iterations, batch)
    flips = [r.integers(0, 2, (*shape, 1)) for r in draws]
    corners = [r.integers(0, 9, (*shape, 2)) for r in draws]
    return Batches(
        np.stack([r.integers(0, 50, shape, np.int32) for r in draws]),
        np.concatenate([np.stack(flips), np.stack(corners)], axis=-1),
        np.stack([r.integers(0, 2**62, iterations) for r in draws]),
    )


def part(batches, iterations):
    crops, seeds = batches.crops[:, iterations], batches.seeds[:, iterations]
    return Batches(batches.rows[:, iterations], crops, seeds)


def engine_for(lanes, optimiser=MOMENTUM, network=EVERYTHING, **options):
    states, masks = zip(*lanes, strict=True)
    return TorchEngine(network, optimiser, splits(), states, masks, **options)


def trained(lanes, batches, optimiser=MOMENTUM, network=EVERYTHING, **options):
    engine = engine_for(lanes, optimiser, network, **options)
    engine.train(batches)
    return engine.states()


def assert_same_bits(found, expected):
    assert found.step == expected.step
    for arrays, wanted in (found.weights, expected.weights), (found.moments, expected.moments):
        assert arrays.keys() == wanted.keys()
        assert all(array.tobytes() == wanted[name].tobytes() for name, array in arrays.items())


@pytest.mark.parametrize("optimiser", [MOMENTUM, ADAM], ids=lambda o: o.name)
@each_packing
@pytest.mark.parametrize("cut", [1, 7, 15])
def test_a_continued_run_ends_like_an_uninterrupted_one(optimiser, network, stacked, cut):
    lanes, batches = [lane(seed, network=network) for seed in SEEDS], batches_of(SEEDS, 16)
    whole = trained(lanes, batches, optimiser, network, stacked=stacked)
    states = trained(lanes, part(batches, slice(cut)), optimiser, network, stacked=stacked)
    halves = [(state, mask) for state, (_, mask) in zip(states, lanes, strict=True)]
    ends = trained(halves, part(batches, slice(cut, None)), optimiser, network, stacked=stacked)
    for found, expected in zip(ends, whole, strict=True):
        assert_same_bits(found, expected)


def test_a_lane_does_not_depend_on_its_neighbours():
    [alone] = trained([lane(2)], batches_of([2], 10))
    beside = trained([lane(seed) for seed in SEEDS], batches_of(SEEDS, 10))
    assert_same_bits(beside[1], alone)


@pytest.mark.parametrize("optimiser", [MOMENTUM, ADAM], ids=lambda o: o.name)
def test_stacked_lanes_agree_with_single_ones(optimiser):
    """Only the order of sums differs: after 6 iterations weights of order 0.1 to 1 differ by
    rounding errors, which Adam's division by small gradients makes larger."""
    network = DENSE_EVERYTHING
    lanes, batches = [lane(seed, network=network) for seed in SEEDS], batches_of(SEEDS, 6)
    single, stacked = (
        trained(lanes, batches, optimiser, network, stacked=s) for s in (False, True)
    )
    for found, expected in zip(stacked, single, strict=True):
        for name, weight in expected.weights.items():
            np.testing.assert_allclose(found.weights[name], weight, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("optimiser", [MOMENTUM, ADAM], ids=lambda o: o.name)
@each_packing
@pytest.mark.parametrize("diverged", [False, True])
def test_pruned_weights_and_their_moments_stay_exactly_zero(optimiser, network, stacked, diverged):
    lanes = [lane(seed, 0.3, network) for seed in SEEDS]
    if diverged:
        lanes[0][0].weights["output.bias"][0] = np.nan
    states = trained(lanes, batches_of(SEEDS, 12), optimiser, network, stacked=stacked)
    first = weight_layers(network)[0].weight
    assert diverged == np.isnan(states[0].weights[first]).any()
    for state, (start, masks) in zip(states, lanes, strict=True):
        for name, mask in masks.items():
            moments = [array for key, array in state.moments.items() if key.startswith(name)]
            assert len(moments) == {"adam": 2, "momentum": 1}[optimiser.name]
            assert all(not array[~mask].any() for array in [state.weights[name], *moments])
            assert (state.weights[name][mask] != start.weights[name][mask]).any()


def test_running_statistics_move_in_training_only_and_have_no_moments():
    engine = engine_for([lane(1)])
    engine.train(batches_of([1], 3))
    [state] = engine.states()
    names = [name for name in state.weights if is_running(name)]
    assert len(names) == 2 * 6  # two of each of six batch norms
    fresh, _ = lane(1)
    assert all((state.weights[name] != fresh.weights[name]).all() for name in names)
    assert not any(name in moment for moment in state.moments for name in names)
    engine.evaluate("validation")
    assert_same_bits(engine.states()[0], state)


def test_an_evaluation_uses_the_running_statistics_that_it_is_given():
    engine = engine_for([lane(1)])
    engine.train(batches_of([1], 3))
    [state] = engine.states()
    expected = engine.evaluate("test")
    np.testing.assert_array_equal(engine.evaluate_weights([state.weights], "test"), expected)
    moved = state.weights | {"conv1.running_mean": state.weights["conv1.running_mean"] + 1}
    assert engine.evaluate_weights([moved], "test")[0] != expected[0]


def test_each_draw_matters():
    """The same run with another crop or another seed of dropout ends elsewhere."""
    batches, other = batches_of([1], 3), batches_of([2], 3)
    [state] = trained([lane(1)], batches)
    for changed in replace(batches, crops=other.crops), replace(batches, seeds=other.seeds):
        [end] = trained([lane(1)], changed)
        assert end.weights["output.weight"].tobytes() != state.weights["output.weight"].tobytes()


def test_dropout_without_seeds_is_refused():
    with pytest.raises(ValueError, match="the network has dropout, but there are no seeds"):
        engine_for([lane(1)]).train(replace(batches_of([1], 1), seeds=None))


@pytest.mark.parametrize("step", [0, 2, 4, 9, 20])
def test_a_step_has_the_rate_of_its_iteration(step):
    """The rate is 0, a half, all, a tenth and a hundredth of 0.05 at these iterations."""
    batches, (state, masks) = batches_of([1], 1), lane(1)
    moments = {
        f"{name}.velocity": np.zeros_like(weight)
        for name, weight in state.weights.items()
        if not is_running(name)
    }
    at_step = State(state.weights, moments, step)
    [scheduled] = trained([(at_step, masks)], batches)
    share = {0: 0.0, 2: 0.5, 4: 1.0, 9: 0.1, 20: 0.01}[step]
    constant = replace(MOMENTUM, learning_rate=0.05 * share, warmup=0, drops=())
    [expected] = trained([(at_step, masks)], batches, constant)
    for name, weight in expected.weights.items():
        np.testing.assert_allclose(scheduled.weights[name], weight, rtol=1e-6, atol=1e-8)
    moved = [(state.weights[n] != w).any() for n, w in expected.weights.items() if ".w" in n]
    assert all(moved) == any(moved) == bool(step)


def test_weight_decay_shrinks_what_has_no_gradient():
    """Without a shift behind it a dead filter has no gradient: only its decay moves it."""
    state, masks = lane(1, density=1.0)
    state.weights["fc1.weight"][3] = -1
    state.weights["fc1.bias"][3] = -100  # never rectified to more than 0
    decayed = Optimiser("sgd", 0.1, weight_decay=0.5)
    [end] = trained([(state, masks)], batches_of([1], 2), decayed)
    share = np.float32(1 - 0.1 * 0.5) ** 2
    np.testing.assert_allclose(end.weights["fc1.weight"][3], -share, rtol=1e-6)
    np.testing.assert_allclose(end.weights["fc1.bias"][3], -100 * share, rtol=1e-6)
    # A filter's output bias has a gradient as well, and the scale of a norm decays with it.
    [plain] = trained([(state, masks)], batches_of([1], 2), replace(decayed, weight_decay=0.0))
    scales = [name for name in end.weights if name.endswith("scale")]
    assert all(end.weights[n].sum() < plain.weights[n].sum() for n in scales)


def test_bfloat16_changes_little():
    """Its numbers have 8 bits, so a product is off by up to 0.4 %. Losses, where errors of both
    signs meet, are off by less than 1 % of what they start with, and by 3 % of it after they
    have fallen to less than a fifth."""
    lanes = [lane(seed, 1.0, SMALL_CONV_2) for seed in SEEDS]
    batches = Batches(batches_of(SEEDS, 60, batch=20).rows)
    adam, losses = Optimiser("adam", 2e-3), {}
    for precision in "float32", "bfloat16":
        engine = engine_for(lanes, adam, SMALL_CONV_2, precision=precision)
        start = engine.evaluate("validation")[0]
        engine.train(batches)
        losses[precision] = start, engine.evaluate("validation")[0]
        assert all(w.dtype == np.float32 for s in engine.states() for w in s.weights.values())
        assert engine.description["precision"] == precision
    (start, end), (start_16, end_16) = losses["float32"], losses["bfloat16"]
    assert (end < start / 5).all()
    assert (start_16 != start).all() and (end_16 != end).all()
    assert (np.abs(start_16 - start) < 0.01 * start).all()
    assert (np.abs(end_16 - end) < 0.03 * start).all()


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.05)])
@pytest.mark.parametrize(
    ("network", "packings"),
    [(UNLIKE_THE_PAPERS, [False]), (DENSE_UNLIKE_THE_PAPERS, [False, True])],
    ids=["conv", "dense"],
)
def test_networks_unlike_the_papers_train_alone_and_stacked(
    network, packings, precision, tolerance
):
    lanes = [lane(seed, 0.5, network) for seed in SEEDS]
    batches, losses = Batches(batches_of(SEEDS, 30, batch=20).rows), []
    for stacked in packings:
        engine = engine_for(lanes, MOMENTUM, network, precision=precision, stacked=stacked)
        start = engine.evaluate("validation")[0]
        engine.train(batches)
        losses.append(engine.evaluate("validation")[0])
        for state, (_, masks) in zip(engine.states(), lanes, strict=True):
            assert all(not state.weights[name][~mask].any() for name, mask in masks.items())
    assert (losses[0] < 0.7 * start).all()
    np.testing.assert_allclose(losses[-1], losses[0], rtol=tolerance)


@each_packing
def test_bfloat16_has_the_same_bits_every_time(network, stacked):
    lanes, batches = [lane(seed, network=network) for seed in SEEDS], batches_of(SEEDS, 8)
    first, second = (
        trained(lanes, batches, network=network, precision="bfloat16", stacked=stacked)
        for _ in range(2)
    )
    for found, expected in zip(first, second, strict=True):
        assert_same_bits(found, expected)
