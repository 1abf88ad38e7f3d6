"""Which lanes train at once, and what the torch engine asks of its device."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from lth_core.training.pytorch import engine as module
from lth_core.training.pytorch.packing import is_stacked, stretch_of
from lth_core.training.pytorch.resident import Resident
from lth_core.training.state import Optimiser
from tests.training.pytorch.test_deep_networks import EVERYTHING
from tests.training.pytorch.test_engine import CONV, DENSE, batches_of, engine_for, lane, splits_for

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
ADAM = Optimiser("adam", 0.01)


class Operations(TorchDispatchMode):
    """Takes down what PyTorch does, below vmap: names, and the groups of convolutions."""

    def __init__(self):
        super().__init__()
        self.names, self.groups = [], []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.append(function.name())
        if function.name() == "aten::convolution":
            self.groups.append(args[-1])
        return function(*args, **(kwargs or {}))


@pytest.fixture
def packed_as_on_a_gpu(monkeypatch):
    packed = lambda network, lanes, _, wanted: is_stacked(network, lanes, CUDA, wanted)  # noqa: E731
    monkeypatch.setattr(module, "is_stacked", packed)


def lanes_of(network, lanes=3, stacked=None):
    seeds = range(lanes)
    return engine_for(network, ADAM, [lane(network, seed) for seed in seeds], stacked)


def test_only_several_lanes_without_convolutions_are_stacked_and_only_on_a_gpu():
    for device in CPU, CUDA:
        assert not any(is_stacked(network, 3, device) for network in (CONV, EVERYTHING))
        assert not is_stacked(DENSE, 1, device) and not is_stacked(DENSE, 1, device, wanted=True)
    assert is_stacked(DENSE, 2, CUDA) and not is_stacked(DENSE, 2, CPU)


@pytest.mark.parametrize("network", [CONV, EVERYTHING], ids=["conv", "residual"])
def test_stacked_convolutions_are_refused(network):
    with pytest.raises(ValueError, match="stacked: networks with convolutions train one lane"):
        is_stacked(network, 2, CUDA, wanted=True)


@pytest.mark.usefixtures("packed_as_on_a_gpu")
def test_no_grouped_convolution_is_called():
    engine = lanes_of(CONV)
    with Operations() as done:
        engine.train(batches_of(range(3), 2))
        engine.evaluate("test")
    assert len(done.groups) == 3 * 3 * (2 + 1)  # convolutions, lanes, forward passes
    assert set(done.groups) == {1}
    assert engine.description["lanes"] == "one after the other"
    with Operations() as stacked:  # which the spy would have seen:
        torch.vmap(F.conv2d)(torch.ones(3, 2, 2, 4, 4), torch.ones(3, 5, 2, 3, 3))
    assert stacked.groups == [3]


@pytest.mark.usefixtures("packed_as_on_a_gpu")
@pytest.mark.parametrize(("lanes", "packing"), [(1, "one after the other"), (3, "stacked")])
def test_lanes_of_a_dense_network_are_stacked_if_there_are_several(lanes, packing):
    engine = lanes_of(DENSE, lanes)
    engine.train(batches_of(range(lanes), 2))
    assert engine.description["lanes"] == packing


def test_a_gpu_gets_many_iterations_at_a_time_and_the_cpu_one():
    assert stretch_of(DENSE, CPU) == stretch_of(CONV, CPU) == 1
    assert stretch_of(DENSE, CUDA) >= 1000 and stretch_of(CONV, CUDA) >= 100
    assert engine_for(DENSE, ADAM, [lane(DENSE, 1)], device="cpu").stretch == 1


@pytest.mark.parametrize(("network", "stacked"), [(DENSE, True), (DENSE, False), (CONV, False)])
def test_nothing_is_copied_to_the_host_but_the_totals_of_an_evaluation(
    network, stacked, monkeypatch
):
    """A number that the host reads makes it wait for the device. On the CPU a copy to it is no
    operation, so calls count."""
    engine, copies = lanes_of(network, stacked=stacked), []
    copy = torch.Tensor.cpu
    monkeypatch.setattr(torch.Tensor, "cpu", lambda t: copies.append(tuple(t.shape)) or copy(t))
    pauses = []
    with Operations() as done:
        engine.train(batches_of(range(3), 4))
        assert not copies
        losses, _ = engine.evaluate("validation", lambda: pauses.append(len(copies)))
    assert copies == [(3, 2)] and losses.shape == (3,)
    assert len(pauses) >= 2 and not any(pauses)  # of chunks
    assert "aten::_local_scalar_dense" not in done.names  # a tensor's `item`


def test_an_order_is_moved_once_for_all_its_iterations(monkeypatch):
    moved = []
    to_tensor = module.to_tensor
    monkeypatch.setattr(module, "to_tensor", lambda a, d: moved.append(a.shape) or to_tensor(a, d))
    engine = engine_for(DENSE, ADAM, [lane(DENSE, 1)])
    engine.train(batches_of([1], 9))
    assert moved == [(1, 9, 6)]


@pytest.mark.parametrize("device", ["cpu", "meta"])  # meta: any other, as far as layouts go
def test_images_have_their_channels_last_on_every_device(device):
    resident = Resident(splits_for(CONV)["train"], torch.device(device))
    images, _ = resident.batch(torch.zeros((1, 6), dtype=torch.int32, device=device), None)
    assert images[0].is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(("precision", "inside"), [("tf32", "tf32"), ("float32", "ieee")])
def test_tf32_is_for_its_own_engine_only(precision, inside, monkeypatch):
    """The setting is the process's: between calls other engines rely on float32."""
    state, masks = lane(DENSE, 1)
    engine = engine_for(DENSE, ADAM, [(state, masks)], precision=precision)
    seen = []

    def settings():
        backends = torch.backends
        return {backends.cuda.matmul.fp32_precision, backends.cudnn.conv.fp32_precision}

    for name in "_loss", "_totals":
        function = getattr(engine, name)
        spy = lambda *a, function=function: seen.append(settings()) or function(*a)  # noqa: E731
        monkeypatch.setattr(engine, name, spy)
    engine.train(batches_of([1], 1))
    engine.evaluate("test", lambda: seen.append(settings()))
    assert seen == [{inside}, {inside}, {"ieee"}]
    assert settings() == {"ieee"} and torch.backends.fp32_precision == "ieee"


def test_tf32_on_the_cpu_is_float32_and_says_so():
    ends = []
    for precision in "tf32", "float32":
        engine = engine_for(CONV, ADAM, [lane(CONV, 1)], precision=precision, device="cpu")
        engine.train(batches_of([1], 5))
        ends.append((engine.states()[0], engine.description["precision"]))
    (tf32, named), (float32, plain) = ends
    assert (named, plain) == ("float32 (tf32 needs a GPU that has it)", "float32")
    for name, weight in float32.weights.items():
        np.testing.assert_array_equal(tf32.weights[name], weight)
