import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lth_core.data.scaling import unit
from lth_core.data.split import Split
from lth_core.networks.shapes import weight_layers
from lth_core.training.batches import Batches
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.state import Optimiser, State

DENSE = {
    "input": [12],
    "layers": [{"type": "dense", "units": 9}, {"type": "dense", "units": 7}],
    "classes": 4,
}
CONV = {
    "input": [3, 8, 8],
    "layers": [
        {"type": "conv", "filters": 5},
        {"type": "conv", "filters": 6},
        {"type": "max_pool", "size": 2},
        {"type": "conv", "filters": 4},
        {"type": "average_pool", "size": 2},
        {"type": "dense", "units": 7},
    ],
    "classes": 4,
}
OPTIMISERS = [
    Optimiser("adam", 0.01),
    Optimiser("sgd", 0.1),
    Optimiser("momentum", 0.1, momentum=0.9),
]
each_optimiser = pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda o: o.name)
each_network = pytest.mark.parametrize("network", [DENSE, CONV], ids=["dense", "conv"])
each_packing = pytest.mark.parametrize(
    ("network", "stacked"),
    [(DENSE, False), (DENSE, True), (CONV, False)],
    ids=["dense", "dense-stacked", "conv"],
)


def splits_for(network, seed=0):
    random = np.random.default_rng(seed)

    def split(size):
        pixels = random.integers(0, 256, (size, *network["input"]), np.uint8)
        labels = random.integers(0, network["classes"], size, np.uint8)
        return Split(pixels, labels, *unit(math.prod(network["input"])))

    return {"train": split(50), "validation": split(1030), "test": split(20)}


def lane(network, seed, density=0.5):
    random = np.random.default_rng(seed)
    weights, masks = {}, {}
    for layer in weight_layers(network):
        mask = random.random(layer.shape) < density
        scale = np.float32(math.sqrt(2 / layer.fan_in))
        weights[layer.weight] = mask * random.standard_normal(layer.shape, np.float32) * scale
        weights[layer.bias] = 0.1 * random.standard_normal(layer.shape[0], np.float32)
        masks[layer.weight] = mask
    return State(weights, {}, 0), masks


def batches_of(seeds, iterations, batch=6):
    rows = [np.random.default_rng(seed).integers(0, 50, (iterations, batch)) for seed in seeds]
    return Batches(np.stack(rows).astype(np.int32))


def engine_for(network, optimiser, lanes, stacked=False, **options):
    states, masks = zip(*lanes, strict=True)
    return TorchEngine(
        network, optimiser, splits_for(network), states, masks, stacked=stacked, **options
    )


def assert_same_bits(found, expected):
    assert found.step == expected.step
    for found_arrays, arrays in [
        (found.weights, expected.weights),
        (found.moments, expected.moments),
    ]:
        assert found_arrays.keys() == arrays.keys()
        for name, array in arrays.items():
            assert found_arrays[name].tobytes() == array.tobytes(), name


def reference_gradient(weights, masks, images, labels):
    """The gradient of DENSE by autograd alone, pruned entries zero."""
    leaves = {name: torch.tensor(array, requires_grad=True) for name, array in weights.items()}
    x = torch.tensor(images)
    x = torch.clamp_min(x @ leaves["fc1.weight"].T + leaves["fc1.bias"], 0)
    x = torch.clamp_min(x @ leaves["fc2.weight"].T + leaves["fc2.bias"], 0)
    x = x @ leaves["output.weight"].T + leaves["output.bias"]
    right = torch.log_softmax(x, 1)[torch.arange(len(labels)), torch.tensor(labels).long()]
    gradients = torch.autograd.grad(-right.mean(), list(leaves.values()))
    return {
        name: gradient.numpy() * masks.get(name, True)
        for name, gradient in zip(leaves, gradients, strict=True)
    }


@each_optimiser
def test_two_steps_follow_the_optimisers_formula(optimiser):
    state, masks = lane(DENSE, 1)
    engine = engine_for(DENSE, optimiser, [(state, masks)])
    batches = batches_of([1], 2)
    engine.train(batches)

    train = splits_for(DENSE)["train"]
    weights = dict(state.weights)
    first = {name: np.zeros_like(w) for name, w in weights.items()}
    second = {name: np.zeros_like(w) for name, w in weights.items()}
    for t, rows in enumerate(batches.rows[0], start=1):
        gradient = reference_gradient(weights, masks, train.images[rows], train.labels[rows])
        for name, g in gradient.items():
            if optimiser.name == "adam":
                first[name] = 0.9 * first[name] + 0.1 * g
                second[name] = 0.999 * second[name] + 0.001 * g * g
                m_hat = first[name] / (1 - 0.9**t)
                v_hat = second[name] / (1 - 0.999**t)
                update = m_hat / (np.sqrt(v_hat) + 1e-8)
            elif optimiser.name == "momentum":
                update = first[name] = 0.9 * first[name] + g
            else:
                update = g
            weights[name] = (weights[name] - optimiser.learning_rate * update).astype(np.float32)
    [found] = engine.states()
    assert found.step == 2
    # Two steps of float32 with sums in another order: a few units in the last place.
    for name, expected in weights.items():
        np.testing.assert_allclose(found.weights[name], expected, rtol=1e-4, atol=1e-6)


@each_network
@each_optimiser
def test_the_same_run_gives_the_same_bits(network, optimiser):
    ends = []
    for _ in range(2):
        engine = engine_for(network, optimiser, [lane(network, 1)])
        engine.train(batches_of([1], 10))
        ends += engine.states()
    assert_same_bits(*ends)


@each_packing
@each_optimiser
def test_a_continued_run_ends_like_an_uninterrupted_one(network, optimiser, stacked):
    lanes = [lane(network, seed) for seed in (1, 2)]
    batches = batches_of([1, 2], 20)
    whole = engine_for(network, optimiser, lanes, stacked)
    whole.train(batches)

    first = engine_for(network, optimiser, lanes, stacked)
    first.train(Batches(batches.rows[:, :7]))
    masks = [mask for _, mask in lanes]
    second = engine_for(network, optimiser, list(zip(first.states(), masks, strict=True)), stacked)
    second.train(Batches(batches.rows[:, 7:]))
    for found, expected in zip(second.states(), whole.states(), strict=True):
        assert_same_bits(found, expected)


@each_packing
@each_optimiser
def test_pruned_weights_and_their_moments_stay_exactly_zero(network, optimiser, stacked):
    lanes = [lane(network, seed, density=0.3) for seed in (1, 2)]
    engine = engine_for(network, optimiser, lanes, stacked)
    engine.train(batches_of([1, 2], 12))
    for state, (start, masks) in zip(engine.states(), lanes, strict=True):
        for name, mask in masks.items():
            arrays = [state.weights[name]]
            arrays += [array for key, array in state.moments.items() if key.startswith(name)]
            assert len(arrays) == 1 + {"adam": 2, "momentum": 1, "sgd": 0}[optimiser.name]
            assert all(not array[~mask].any() for array in arrays)
            assert (state.weights[name][mask] != start.weights[name][mask]).any()


@each_network
def test_a_lane_does_not_depend_on_its_neighbours(network):
    lanes = {seed: lane(network, seed) for seed in (1, 2, 3)}

    def end_of(lane_seed, beside):
        engine = engine_for(network, OPTIMISERS[0], [lanes[seed] for seed in beside])
        engine.train(batches_of(beside, 10))
        position = beside.index(lane_seed)
        return engine.states()[position], [m[position] for m in engine.evaluate("validation")]

    alone, metrics = end_of(2, [2])
    for beside in [1, 2, 3], [3, 2]:
        state, beside_metrics = end_of(2, beside)
        assert_same_bits(state, alone)
        assert beside_metrics == metrics


@each_optimiser
def test_stacked_lanes_agree_with_single_ones(optimiser):
    """Stacking only changes the order of sums: after 20 steps of these tiny networks the
    weights (of order 0.1) differ by rounding errors, far below 1e-4."""
    lanes = [lane(DENSE, seed) for seed in (1, 2, 3)]
    batches = batches_of([1, 2, 3], 20)
    single, stacked = (engine_for(DENSE, optimiser, lanes, flag) for flag in (False, True))
    for engine in single, stacked:
        engine.train(batches)
    for found, expected in zip(stacked.states(), single.states(), strict=True):
        for name, weight in expected.weights.items():
            np.testing.assert_allclose(found.weights[name], weight, atol=1e-4, rtol=0)
    np.testing.assert_allclose(
        stacked.evaluate("validation"), single.evaluate("validation"), atol=2e-3
    )


def test_stacked_lanes_must_be_at_the_same_step():
    (state, masks), other = lane(DENSE, 1), lane(DENSE, 2)
    ahead = State(state.weights, {}, 5)
    with pytest.raises(ValueError, match=r"same step, found \[5, 0\]"):
        engine_for(DENSE, OPTIMISERS[1], [(ahead, masks), other], stacked=True)


@each_network
def test_evaluation_is_the_mean_over_all_examples(network):
    engine = engine_for(network, OPTIMISERS[0], [lane(network, seed) for seed in (1, 2)])
    losses, accuracies = engine.evaluate("validation")
    assert losses.shape == accuracies.shape == (2,)
    assert losses.dtype == accuracies.dtype == np.float64
    correct = accuracies * 1030
    np.testing.assert_allclose(correct, np.round(correct), atol=1e-9)
    assert (losses > 0.5).all() and (losses < 5).all()


def test_evaluation_against_pytorch_modules():
    state, masks = lane(DENSE, 1)
    sizes = [(12, 9), (9, 7), (7, 4)]
    linears = [torch.nn.Linear(*size) for size in sizes]
    for linear, name in zip(linears, ["fc1", "fc2", "output"], strict=True):
        linear.weight.data = torch.tensor(state.weights[f"{name}.weight"])
        linear.bias.data = torch.tensor(state.weights[f"{name}.bias"])
    relu = torch.nn.ReLU()
    model = torch.nn.Sequential(linears[0], relu, linears[1], relu, linears[2])
    split = splits_for(DENSE)["validation"]
    logits, labels = model(torch.tensor(split.images)), torch.tensor(split.labels).long()
    losses, accuracies = engine_for(DENSE, OPTIMISERS[0], [(state, masks)]).evaluate("validation")
    assert losses[0] == pytest.approx(F.cross_entropy(logits, labels).item(), rel=1e-5)
    assert accuracies[0] == pytest.approx((logits.argmax(1) == labels).float().mean().item())


def test_earlier_weights_are_evaluated_without_a_trace():
    lanes = [lane(DENSE, seed) for seed in (1, 2)]
    engine = engine_for(DENSE, OPTIMISERS[0], lanes)
    engine.train(batches_of([1, 2], 5))
    earlier, metrics = engine.states(), engine.evaluate("validation")
    engine.train(batches_of([3, 4], 5))
    now, metrics_now = engine.states(), engine.evaluate("validation")
    found = engine.evaluate_weights([state.weights for state in earlier], "validation")
    np.testing.assert_array_equal(found, metrics)
    np.testing.assert_array_equal(engine.evaluate("validation"), metrics_now)
    assert not np.array_equal(metrics, metrics_now)
    for found_state, expected in zip(engine.states(), now, strict=True):
        assert_same_bits(found_state, expected)


def test_given_weights_are_evaluated_under_the_masks():
    state, masks = lane(DENSE, 1)
    engine = engine_for(DENSE, OPTIMISERS[0], [(state, masks)])
    unmasked = {name: np.where(array == 0, 9, array) for name, array in state.weights.items()}
    unmasked = {name: array.astype(np.float32) for name, array in unmasked.items()}
    assert engine.evaluate_weights([unmasked], "test") == engine.evaluate("test")


@each_network
def test_training_lowers_the_loss(network):
    engine = engine_for(network, OPTIMISERS[0], [lane(network, 1, density=1.0)])
    before = engine.evaluate("train")[0]
    engine.train(batches_of([1], 300))
    assert engine.evaluate("train")[0] < 0.9 * before


def test_shapes_and_types_of_a_trained_conv_network():
    start, masks = lane(CONV, 1)
    engine = engine_for(CONV, OPTIMISERS[0], [(start, masks)])
    engine.train(batches_of([1], 3))
    [state] = engine.states()
    expected = {name: array.shape for name, array in start.weights.items()}
    assert {name: array.shape for name, array in state.weights.items()} == expected
    moments = {f"{name}.{m}": shape for name, shape in expected.items() for m in "mv"}
    assert {name: array.shape for name, array in state.moments.items()} == moments
    assert {array.dtype for array in state.weights.values()} == {np.dtype(np.float32)}


@each_optimiser
@pytest.mark.parametrize("stacked", [False, True])
def test_a_diverged_run_goes_on_with_nan(optimiser, stacked):
    """Every loss and gradient is nan here, and yet pruned weights stay zero and the
    neighbour is not touched."""
    (state, masks), neighbour = lane(DENSE, 1), lane(DENSE, 2)
    state.weights["output.bias"][0] = np.nan
    engine = engine_for(DENSE, optimiser, [(state, masks), neighbour], stacked)
    engine.train(batches_of([1, 2], 3))
    losses, _ = engine.evaluate("test")
    assert np.isnan(losses[0]) and np.isfinite(losses[1])
    end = engine.states()[0]
    assert np.isnan(end.weights["fc1.weight"]).any()
    for name, mask in masks.items():
        assert not end.weights[name][~mask].any()


def test_denormals_are_not_flushed_after_training():
    engine = engine_for(DENSE, OPTIMISERS[0], [lane(DENSE, 1)])
    engine.train(batches_of([1], 1))
    assert torch.tensor([1e-39]).mul(1.0).item() != 0


def test_batches_of_another_number_of_lanes_are_refused():
    engine = engine_for(DENSE, OPTIMISERS[0], [lane(DENSE, 1)])
    with pytest.raises(ValueError, match=r"shape \(2, 3, 6\) for 1 lanes"):
        engine.train(batches_of([1, 2], 3))


def test_description_names_what_computed():
    description = engine_for(DENSE, OPTIMISERS[0], [lane(DENSE, 1)]).description
    assert description["engine"] == "torch"
    assert description["torch"] == torch.__version__
    assert description["threads"] == "1"
    assert all(isinstance(value, str) for value in description.values())


def test_denormal_moments_count_as_zero_while_training():
    """They would slow it down; of a unit that is dead they only fade, and have no gradient."""
    state, masks = lane(DENSE, 1, density=1.0)
    state.weights["fc1.bias"][0] = -100
    moments = {
        f"{name}.{moment}": np.full_like(array, 1e-39)
        for name, array in state.weights.items()
        for moment in "mv"
    }
    engine = engine_for(DENSE, OPTIMISERS[0], [(State(state.weights, moments, 5), masks)])
    engine.train(batches_of([1], 1))
    [end] = engine.states()
    assert all(not end.moments[f"fc1.weight.{moment}"][0].any() for moment in "mv")
