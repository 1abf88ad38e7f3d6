"""The sparse engine on convolutions, norms, pools, residual blocks and dropout.

PyTorch in float64 is the reference, on the same examples, crops and noise.
"""

import platform
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lth_core.config.architecture import Architecture
from lth_core.config.files import read_mapping
from lth_core.data.scaling import standardise
from lth_core.data.split import Split
from lth_core.networks.forward import forward_function
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import is_running, weight_layers
from lth_core.training.batches import PADDING, Batches
from lth_core.training.dropout import noise_function
from lth_core.training.pytorch.augment import crop_and_flip
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.sparse import kernel
from lth_core.training.sparse.engine import SparseEngine
from lth_core.training.sparse.kernel import load_kernel
from lth_core.training.state import Optimiser, State

pytestmark = pytest.mark.usefixtures("compiled_kernel")

FILES = sorted(Path("config/architectures").glob("[!x]*.yaml"))
INITIALISATION = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
EXAMPLES = 150


def network(*layers, input=(3, 8, 8)):
    found = {"input": list(input), "layers": list(layers), "classes": 10}
    return Architecture.model_validate(found).model_dump()


def conv(filters, **settings):
    return {"type": "conv", "filters": filters, **settings}


def residual(filters, stride=1):
    return {"type": "residual", "filters": filters, "stride": stride}


DENSE = {"type": "dense", "units": 20}
MAX_POOL, AVERAGE_POOL = {"type": "max_pool"}, {"type": "average_pool"}
DROPOUT = {"type": "dropout", "rate": 0.4}

NETWORKS = {
    "one convolution": network(conv(5)),
    "as Conv-2": network(conv(5), conv(7), MAX_POOL, DENSE),
    "large pools": network(conv(5), {"type": "max_pool", "size": 4}, conv(6), AVERAGE_POOL, DENSE),
    "down to one pixel": network(*[conv(9), MAX_POOL] * 3, conv(5)),
    "many channels": network(conv(70), conv(40), input=(3, 4, 4)),
    "odd sizes": network(conv(4), conv(5), DENSE, input=(2, 7, 5)),
    "as VGG": network(conv(6, batch_norm=True), MAX_POOL, conv(8, batch_norm=True), AVERAGE_POOL),
    "as Resnet": network(
        conv(6, batch_norm=True), residual(6), residual(9, 2), residual(9), AVERAGE_POOL
    ),
    "a block first": network(residual(3), residual(5, 2), DENSE),
    "pools alone": network(MAX_POOL, AVERAGE_POOL, DENSE),
    "a pool first": network(MAX_POOL, conv(4), AVERAGE_POOL, DENSE),
    "kernels and strides": network(
        conv(4, kernel=5, stride=2),
        conv(6, kernel=4, padding=1, batch_norm=True),
        conv(5, kernel=1, stride=3),
        conv(5, padding=2),
        input=(2, 15, 13),
    ),
    "dropout anywhere": network(DROPOUT, conv(4), DROPOUT, conv(5), DROPOUT, DENSE, DROPOUT),
    "dropout twice": network(DROPOUT, DENSE, DROPOUT, DROPOUT, DENSE, input=(30,)),
}


def splits(net, seed=1):
    rng = np.random.default_rng(seed)
    shape = net["input"]
    channels = shape[0] if len(shape) == 3 else 1
    image = (shape[0], *shape[1:]) if len(shape) == 3 else (1, shape[0], 1)
    scale = standardise(
        image, np.full(channels, 120, np.float32), np.full(channels, 60, np.float32)
    )
    pixels = rng.integers(0, 256, (EXAMPLES, *shape), np.uint8)
    labels = rng.integers(0, net["classes"], EXAMPLES).astype(np.uint8)
    return {"train": Split(pixels, labels, *scale)}


def start(net, density, seed=2):
    """Weights under a random mask, scaled so that signals keep their size; biases not zero."""
    rng = np.random.default_rng(seed)
    layers = weight_layers(net)
    masks = {layer.weight: rng.random(layer.shape) < density for layer in layers}
    weights = draw_weights(layers, INITIALISATION, rng)
    for name, value in weights.items():
        if name in masks:
            value *= masks[name] * np.float32(1.3 * density**-0.5)
        elif not is_running(name):
            value += np.float32(0.1) * rng.standard_normal(value.shape, np.float32)
    return State(weights, {}, 0), masks


def batches(net, iterations, batch, seed=3):
    rng = np.random.default_rng(seed)
    shape = (1, iterations, batch)
    rows = rng.integers(0, EXAMPLES, shape).astype(np.int32)
    corners = [rng.integers(0, 2 * PADDING + 1, shape) for _ in range(2)]
    crops = np.stack([rng.integers(0, 2, shape), *corners], axis=-1)
    seeds = rng.integers(0, 2**62, (1, iterations))
    return Batches(rows, crops if len(net["input"]) == 3 else None, seeds)


def reference(net, state, split, given):
    """Gradients of one batch, running statistics after it, and its loss, in float64."""
    weights = {k: torch.tensor(v).double() for k, v in state.weights.items()}
    trained = [weights[k].requires_grad_() for k in weights if not is_running(k)]
    rows = given.rows[0, 0]
    images = torch.tensor(split.images[rows])
    if given.crops is not None:
        images = crop_and_flip(images, torch.tensor(given.crops[0, 0]))
    noise = [torch.tensor(n[0]) for n in noise_function(net)(given.seeds[0], len(rows))]
    logits, running = forward_function(net)(weights, images.double(), noise)
    loss = F.cross_entropy(logits, torch.tensor(split.labels[rows]).long())
    names = [k for k in weights if not is_running(k)]
    gradients = torch.autograd.grad(loss, trained)
    return dict(zip(names, (g.numpy() for g in gradients), strict=True)), running


def error_of_one_step(net, density, batch, seed):
    """The error of the gradient, in its norm: a step of SGD at rate 1 shows it.

    Less what the weights themselves round by.
    """
    state, masks = start(net, density, seed)
    data, given = splits(net), batches(net, 1, batch, seed)
    engine = SparseEngine(net, Optimiser("sgd", 1.0), data, [state], [masks])
    engine.train(given)
    [after] = engine.weights()
    gradients, running = reference(net, state, data["train"], given)
    off = norm = 0.0
    for name, gradient in gradients.items():
        expected = gradient * masks.get(name, True)
        step = state.weights[name].astype(np.float64) - after[name]
        rounding = 1e-7 * np.linalg.norm(state.weights[name])
        off += max(0.0, np.linalg.norm(step - expected) - rounding) ** 2
        norm += np.linalg.norm(expected) ** 2
        if name in masks:
            assert not after[name][~masks[name]].any()
    for name, value in running.items():
        np.testing.assert_allclose(after[name], value, rtol=1e-5, atol=1e-5)
    return (off / norm) ** 0.5


def agrees(net, density, batch):
    """Whether the gradient is right. Rounding decides a rectifier or a pool otherwise now and
    then, which moves whole layers by 1e-3 (PyTorch's float32 does as well), so one of three
    draws suffices; a wrong formula is wrong in all."""
    return any(error_of_one_step(net, density, batch, seed) < 1e-5 for seed in range(3))


@pytest.mark.parametrize(("density", "batch"), [(1.0, 32), (0.3, 19), (0.05, 19)])
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_of_one_step(name, density, batch):
    assert agrees(NETWORKS[name], density, batch)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="compiles for this processor")
@pytest.mark.parametrize("flag", ["-D__AVX512F__=1", "-mno-avx"], ids=["16 lanes", "4 lanes"])
def test_registers_of_another_length(flag, tmp_path, monkeypatch):
    """The code for AVX-512 and for NEON, by way of the registers that are here."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kernel, "FLAGS", [*kernel.FLAGS, flag])
    load_kernel.cache_clear()
    try:
        assert all(agrees(NETWORKS[name], 0.3, 19) for name in NETWORKS)
    finally:
        load_kernel.cache_clear()


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, marks=[pytest.mark.slow] if p.stem == "vgg19" else []) for p in FILES],
    ids=lambda path: path.stem,
)
def test_gradients_of_every_architecture(path):
    net = Architecture.model_validate(read_mapping(path)).model_dump()
    normed = any(layer.batch_norm for layer in weight_layers(net))
    assert agrees(net, 0.3, 8 if normed else 3)


@pytest.mark.parametrize("name", NETWORKS)
def test_evaluation(name):
    net = NETWORKS[name]
    state, masks = start(net, 0.3)
    data = splits(net)
    engine = SparseEngine(net, Optimiser("sgd", 0.1), data, [state], [masks])
    engine.train(batches(net, 2, 32))  # running statistics of their own
    [loss], [accuracy] = engine.evaluate("train")
    weights = {k: torch.tensor(v).double() for k, v in engine.weights()[0].items()}
    split = data["train"]
    logits, _ = forward_function(net)(weights, torch.tensor(split.images).double(), None)
    labels = torch.tensor(split.labels).long()
    np.testing.assert_allclose(loss, F.cross_entropy(logits, labels).item(), rtol=1e-5)
    assert abs(accuracy - (logits.argmax(1) == labels).double().mean().item()) < 1.5 / EXAMPLES


MOMENTUM = Optimiser("momentum", 0.02, weight_decay=1e-2, warmup=3, drops=(6,))


OPTIMISERS = [MOMENTUM, Optimiser("adam", 1e-3)]


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda o: o.name)
@pytest.mark.parametrize("name", ["as Conv-2", "as VGG", "as Resnet", "dropout anywhere"])
def test_the_engines_agree_after_100_iterations(name, optimiser):
    """Same start, batches, crops, noise and formulas. 1e-8 to 1e-6 was measured, and up to 3e-3
    where rounding had decided a rectifier otherwise; a wrong constant is off by 0.1."""
    net, data = NETWORKS[name], splits(NETWORKS[name])
    state, masks = start(net, 0.3)
    given = batches(net, 100, 32)
    ends = []
    for engine_type in SparseEngine, TorchEngine:
        engine = engine_type(net, optimiser, data, [state], [masks])
        engine.train(given)
        [weights] = engine.weights()
        ends.append(np.concatenate([weights[key].ravel() for key in state.weights]))
    mine, theirs = ends
    assert np.linalg.norm(mine - theirs) < 1e-2 * np.linalg.norm(theirs)


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda o: o.name)
@pytest.mark.parametrize("name", ["as Resnet", "dropout anywhere"])
def test_the_same_bits_again_and_after_a_resumption(name, optimiser):
    net, data = NETWORKS[name], splits(NETWORKS[name])
    state, masks = start(net, 0.3)
    given = batches(net, 8, 19)

    def part(start, stop):
        crops = None if given.crops is None else given.crops[:, start:stop]
        return Batches(given.rows[:, start:stop], crops, given.seeds[:, start:stop])

    whole, again, first = (SparseEngine(net, optimiser, data, [state], [masks]) for _ in range(3))
    whole.train(given)
    again.train(part(0, 5))
    again.evaluate("train")  # leaves no trace
    again.train(part(5, 8))
    first.train(part(0, 5))
    second = SparseEngine(net, optimiser, data, first.states(), [masks])
    second.train(part(5, 8))
    [expected] = whole.states()
    for engine in again, second:
        [found] = engine.states()
        assert found.step == expected.step == 8
        for mine, theirs in (found.weights, expected.weights), (found.moments, expected.moments):
            assert mine.keys() == theirs.keys()
            assert all(mine[key].tobytes() == theirs[key].tobytes() for key in theirs)
    for layer, mask in masks.items():
        assert not expected.weights[layer][~mask].any()
        for key, moment in expected.moments.items():
            assert not key.startswith(layer) or not moment[~mask].any()


def test_lanes_do_not_touch_each_other():
    net = NETWORKS["as Resnet"]
    data, given = splits(net), batches(net, 3, 19)
    starts = [start(net, density, seed) for density, seed in [(0.5, 1), (0.1, 2)]]
    together = SparseEngine(net, MOMENTUM, data, *zip(*starts, strict=True))
    both = (np.concatenate([part, part]) for part in (given.rows, given.crops, given.seeds))
    together.train(Batches(*both))
    for (state, masks), found in zip(starts, together.weights(), strict=True):
        alone = SparseEngine(net, MOMENTUM, data, [state], [masks])
        alone.train(given)
        [expected] = alone.weights()
        assert all(found[key].tobytes() == expected[key].tobytes() for key in expected)


def constant(net, value):
    """All weights the same, and all of them there."""
    weights = {}
    for layer in weight_layers(net):
        for name, shape in layer.tensors.items():
            weights[name] = np.full(shape, value if name == layer.weight else 0, np.float32)
    return State(weights, {}, 0), {
        layer.weight: np.ones(layer.shape, bool) for layer in weight_layers(net)
    }


def test_the_first_of_ties_in_a_max_pool_gets_the_gradient():
    """All pixels are equal: of each square only the first has a gradient, as in PyTorch."""
    net = network(conv(1, kernel=1), MAX_POOL, input=(1, 4, 4))
    state, masks = constant(net, 0.5)
    split = Split(
        np.full((EXAMPLES, 1, 4, 4), 200, np.uint8), np.arange(EXAMPLES, dtype=np.uint8) % 10,
        *standardise((1, 4, 4), np.full(1, 100, np.float32), np.full(1, 50, np.float32)),
    )  # fmt: skip
    given = Batches(np.arange(16, dtype=np.int32)[None, None], None, np.zeros((1, 1), np.int64))
    engine = SparseEngine(net, Optimiser("sgd", 1.0), {"train": split}, [state], [masks])
    engine.train(given)
    gradients, _ = reference(net, state, split, given)
    for name, gradient in gradients.items():
        step = state.weights[name] - engine.weights()[0][name]
        np.testing.assert_allclose(step, gradient, atol=1e-6)


@pytest.mark.parametrize("name", ["as Conv-2", "as Resnet", "large pools"])
def test_nan_is_not_hidden(name):
    """A diverged network says so: its loss is NaN, and pruned weights are zero all the same."""
    net = NETWORKS[name]
    state, masks = start(net, 0.3)
    first = weight_layers(net)[0].weight
    state.weights[first][tuple(np.argwhere(masks[first])[0])] = np.nan
    engine = SparseEngine(net, Optimiser("adam", 1e-3), splits(net), [state], [masks])
    assert np.isnan(engine.evaluate("train")[0][0])
    engine.train(batches(net, 2, 19))
    [after] = engine.states()
    assert all(not after.weights[name][~mask].any() for name, mask in masks.items())
    assert all(
        not after.moments[f"{name}.{moment}"][~mask].any()
        for name, mask in masks.items()
        for moment in "mv"
    )


def test_a_layer_without_weights():
    """Nothing survives in one layer: its biases go on training, and nothing breaks."""
    net = NETWORKS["as Conv-2"]
    state, masks = start(net, 0.5)
    masks["conv2.weight"][:] = False
    state.weights["conv2.weight"][:] = 0
    engine = SparseEngine(net, Optimiser("adam", 1e-3), splits(net), [state], [masks])
    engine.train(batches(net, 3, 19))
    [after] = engine.states()
    assert not after.weights["conv2.weight"].any()
    assert (after.weights["conv2.bias"] != state.weights["conv2.bias"]).any()
    assert np.isfinite(engine.evaluate("train")[0][0])


@pytest.mark.parametrize("name", ["as Conv-2", "as Resnet", "dropout twice"])
def test_denormals_count_as_zero_in_the_kernel_only(name):
    """They would slow it down a hundredfold, and moments fade to them."""
    net = NETWORKS[name]
    state, masks = start(net, 0.5)
    losses = []
    for tiny in 0.0, 1e-39:
        for layer, mask in masks.items():
            state.weights[layer][:] = np.where(mask, np.float32(tiny), 0)
        engine = SparseEngine(net, Optimiser("adam", 1e-3), splits(net), [state], [masks])
        losses.append(engine.evaluate("train"))
    np.testing.assert_array_equal(*losses)
    engine.train(batches(net, 2, 19))
    [after] = engine.states()
    moments = np.concatenate([np.abs(moment).ravel() for moment in after.moments.values()])
    assert not ((moments > 0) & (moments < np.finfo(np.float32).tiny)).any()
    assert np.array(1e-39, np.float32) * np.float32(0.5) > 0, "numpy's arithmetic is as it was"
