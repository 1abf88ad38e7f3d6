"""The torch engine's optimisers, schedules and loss against those of PyTorch's modules."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn as nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, MultiStepLR, SequentialLR

from lth_core.training.pytorch import lanes as lanes_module
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.state import Optimiser
from tests.training.pytorch.test_engine import DENSE, batches_of, engine_for, lane, splits_for

STEPS = 12
MOMENTUM = Optimiser("momentum", 0.1, momentum=0.8, weight_decay=0.01)
ADAM = Optimiser("adam", 0.01, beta1=0.8, beta2=0.99, epsilon=1e-3, weight_decay=0.1)
ADAM_SETTINGS = {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.1}
OPTIMISERS = [
    (Optimiser("sgd", 0.1, weight_decay=0.01), SGD, {"lr": 0.1, "weight_decay": 0.01}),
    (MOMENTUM, SGD, {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.01}),
    (
        replace(MOMENTUM, nesterov=True), SGD,
        {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.01, "nesterov": True},
    ),
    (ADAM, Adam, ADAM_SETTINGS),
    (replace(ADAM, name="adamw"), AdamW, ADAM_SETTINGS),
]  # fmt: skip


def modules_with(weights):
    modules = nn.Sequential(
        nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 7), nn.ReLU(), nn.Linear(7, 4)
    )
    with torch.no_grad():
        for parameter, array in zip(modules.parameters(), weights.values(), strict=True):
            parameter.copy_(torch.tensor(array))
    return modules


def assert_close(found, modules):
    for array, parameter in zip(found.values(), modules.parameters(), strict=True):
        expected = parameter.detach().numpy()
        np.testing.assert_allclose(array, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize(("optimiser", "kind", "settings"), OPTIMISERS)
def test_steps_are_those_of_torch_optim(optimiser, kind, settings, stacked, smoothing):
    state, masks = lane(DENSE, 1)
    lanes = 2 if stacked else 1
    splits, batches = splits_for(DENSE), batches_of([1] * lanes, STEPS)
    engine = engine_for(
        DENSE, optimiser, [(state, masks)] * lanes, stacked, label_smoothing=smoothing
    )
    engine.train(batches)

    modules, train = modules_with(state.weights), splits["train"]
    reference: Optimizer = kind(modules.parameters(), **settings)
    loss = nn.CrossEntropyLoss(label_smoothing=smoothing)
    for rows in batches.rows[0]:
        reference.zero_grad()
        labels = torch.tensor(train.labels[rows]).long()
        loss(modules(torch.tensor(train.images[rows])), labels).backward()
        for parameter, name in zip(modules.parameters(), state.weights, strict=True):
            parameter.grad *= torch.tensor(masks.get(name, True))
        reference.step()
    for end in engine.states():
        assert_close(end.weights, modules)
        assert all(not end.weights[name][~mask].any() for name, mask in masks.items())


@pytest.mark.parametrize(
    "schedule", [{}, {"warmup": 5}, {"drops": (4, 9)}], ids=["constant", "warm-up", "drop"]
)
@pytest.mark.parametrize("name", ["sgd", "momentum", "adam"])
def test_rate_and_steps_are_tensors_that_the_schedule_writes(name, schedule, monkeypatch):
    """The same ones in each step: a captured graph would have to read them anew."""
    optimiser = Optimiser(name, 0.05, **schedule)
    engine, function = (
        engine_for(DENSE, optimiser, [lane(DENSE, 1)]),
        name.replace("momentum", "sgd"),
    )
    update, rates, counts, tensors = getattr(lanes_module, function), [], [], set()

    def spy(*arguments, lr, **settings):
        steps = arguments[5] if name == "adam" else []
        rates.append(lr.item())
        counts.append({count.item() for count in steps})
        tensors.add((lr.data_ptr(), *(count.data_ptr() for count in steps)))
        update(*arguments, lr=lr, **settings)

    monkeypatch.setattr(lanes_module, function, spy)
    for _ in range(2):
        engine.train(batches_of([1], STEPS // 2))
    assert rates == pytest.approx([optimiser.rate(step) for step in range(STEPS)])
    assert counts == [{step} if name == "adam" else set() for step in range(STEPS)]
    assert len(tensors) == 1


def test_an_evaluation_knows_no_label_smoothing():
    state, masks = lane(DENSE, 1)
    plain, smooth = (
        TorchEngine(DENSE, MOMENTUM, splits_for(DENSE), [state], [masks], label_smoothing=share)
        for share in (0.0, 0.3)
    )
    np.testing.assert_array_equal(smooth.evaluate("test"), plain.evaluate("test"))


def scheduled(after_warmup, warmup):
    """The rates of PyTorch's schedule, which begins with a linear warm-up from 0."""
    optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
    after = after_warmup(optimizer)
    schedule = after
    if warmup:
        # The first rate is 0, which LinearLR's factors cannot be.
        first = LinearLR(optimizer, 1e-9, 1, warmup)
        schedule = SequentialLR(optimizer, [first, after], [warmup])
    rates = []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize("warmup", [0, 3])
def test_rates_are_those_of_pytorchs_schedules(warmup):
    left = STEPS - warmup
    schedules = {
        "cosine": lambda o: CosineAnnealingLR(o, left),
        "linear": lambda o: LinearLR(o, 1, 0, left),
    }
    for name, after_warmup in schedules.items():
        ours = Optimiser("sgd", 0.4, warmup=warmup, schedule=name, iterations=STEPS)
        rates = [ours.rate(step) for step in range(STEPS)]
        assert rates == pytest.approx(scheduled(after_warmup, warmup), abs=1e-8)
        assert rates[-1] > 0 and ours.rate(STEPS) == pytest.approx(0, abs=1e-15)


def test_drops_are_by_their_factor():
    ours = Optimiser("sgd", 0.4, drops=(4, 9), drop_factor=0.3)
    rates = [ours.rate(step) for step in range(STEPS)]
    assert rates == pytest.approx(scheduled(lambda o: MultiStepLR(o, [4, 9], 0.3), 0))


def test_drops_and_a_schedule_multiply():
    ours = Optimiser("sgd", 0.4, drops=(4,), drop_factor=0.5, schedule="linear", iterations=10)
    assert [ours.rate(step) for step in (3, 4)] == pytest.approx([0.4 * 0.7, 0.4 * 0.6 * 0.5])


def test_a_run_shorter_than_its_warmup_ends_within_it():
    ours = Optimiser("sgd", 0.4, warmup=8, schedule="cosine", iterations=4)
    assert [ours.rate(step) for step in range(4)] == pytest.approx([0.0, 0.05, 0.1, 0.15])
