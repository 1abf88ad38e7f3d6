"""Supermasks: what scores make of weights, how they train, and that no weight ever changes."""

from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lth_core.networks.initial import draw_weights
from lth_core.streams import stream
from lth_core.training.batches import Batches, Draws
from lth_core.training.loop import Progress, train
from lth_core.training.order import DataOrder
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.record import Record
from lth_core.training.state import Optimiser, State
from lth_core.training.stopping import go_on
from lth_core.training.supermask import (
    Binary,
    Form,
    Signed,
    Supermask,
    SupermaskEngine,
    supermask_of,
)
from tests.training.small import INITIALISATION, LAYERS, NETWORK, SPLITS
from tests.training.stopped_anywhere import assert_ends_the_same

FORMS = pytest.mark.parametrize("form", ["signed", "binary"])
ITERATIONS = 9
Start = list[tuple[Supermask, State]]


def start(form: Form, threshold: float = 0.4) -> Start:
    """Return two lanes at their start. Biases are not 0: it would show if they were trained."""
    found = []
    for trial in range(2):
        weights = draw_weights(LAYERS, INITIALISATION, np.random.default_rng(trial))
        for layer in LAYERS:
            weights[layer.bias] += np.float32(0.1)
        found.append(supermask_of(LAYERS, form, threshold, weights, (0, trial)))
    return found


def engine_of(
    begun: Start,
    states: list[State] | None = None,
    optimiser: Optimiser = Optimiser("momentum", 1.0, nesterov=True, drops=(5,)),  # noqa: B008
    decay: float = 0.01,
) -> SupermaskEngine:
    first = [state for _, state in begun]
    lanes = [supermask for supermask, _ in begun]
    return SupermaskEngine(NETWORK, optimiser, SPLITS, states or first, lanes, decay, device="cpu")


def run(engine: Any, progress: Progress, pause: Callable[[], None] = go_on) -> list[list[Any]]:
    order = DataOrder(300, 20, False, 4)
    draws = [Draws(order, False, False, lane) for lane in range(2)]
    return train(engine, draws, progress, lambda _: None, pause)


def trained(form: Form) -> tuple[SupermaskEngine, Progress]:
    engine = engine_of(start(form))
    progress = Progress.begin(Record.empty(ITERATIONS, 3, 2), 2)
    run(engine, progress)
    return engine, progress


def test_scores_keep_invert_and_hide_and_the_gradient_passes_straight_through() -> None:
    """The example of the specification, with c = 2."""
    scores = torch.tensor([0.5, -0.5, 0.05, -0.2], requires_grad=True)
    weights = 2 * torch.tensor([1.0, 1.0, -1.0, -1.0])
    factors: torch.Tensor = Signed.apply(scores, 0.3)
    masked = weights * factors
    assert factors.tolist() == [1, -1, 0, 0]
    assert masked.tolist() == [2, -2, 0, 0]
    (found,) = torch.autograd.grad(masked, scores, torch.tensor([0.1, 0.2, 0.3, 0.4]))
    assert found.tolist() == pytest.approx([0.2, 0.4, -0.6, -0.8])


def test_scores_at_the_threshold_and_nan_hide() -> None:
    tau = np.float32(0.3)
    above = np.nextafter(tau, np.float32(1))
    scores = torch.tensor(np.array([tau, -tau, above, -above, np.nan], np.float32))
    assert Signed.apply(scores, float(tau)).tolist() == [0, 0, 1, -1, 0]


def test_binary_scores_keep_by_chance_and_the_gradient_is_that_of_the_sigmoid() -> None:
    scores = torch.tensor([0.0, 0.0, 2.0, -2.0], requires_grad=True)
    factors: torch.Tensor = Binary.apply(scores, torch.tensor([0.4, 0.5, 0.8, 0.2]))
    assert factors.tolist() == [1, 0, 1, 0]
    (found,) = torch.autograd.grad(factors, scores, torch.tensor([1.0, 2.0, 1.0, 1.0]))
    chance = 1 / (1 + np.exp(-2))
    assert found.tolist() == pytest.approx([0.25, 0.5, *2 * [chance * (1 - chance)]])


def test_first_scores_and_thresholds() -> None:
    for (supermask, state), (other, _) in zip(start("signed"), start("signed", 0.2), strict=True):
        for layer in LAYERS:
            largest = np.abs(state.weights[layer.weight]).max()
            assert 0.8 < largest / sqrt(6 / (layer.fan_in + layer.fan_out)) <= 1
            assert supermask.thresholds[layer.weight] == float(np.float32(0.4) * largest)
            assert other.thresholds[layer.weight] < supermask.thresholds[layer.weight]
    (_, first), (_, second) = start("signed")
    assert not np.array_equal(first.weights["fc1.weight"], second.weights["fc1.weight"])
    for supermask, state in start("binary"):
        assert not any(array.any() for array in state.weights.values())
        assert supermask.thresholds == {}


@FORMS
def test_weights_are_kept_inverted_or_zero_and_biases_stay(form: Form) -> None:
    """Bit for bit."""
    engine, _ = trained(form)
    lanes = zip(start(form), engine.weights(), engine.masks, strict=True)
    for (supermask, first), weights, masks in lanes:
        for name, frozen in supermask.frozen.items():
            if name not in masks:
                assert weights[name].tobytes() == frozen.tobytes()
                continue
            kept = weights[name][masks[name]]
            signs = np.sign(kept / frozen[masks[name]])
            assert (signs * frozen[masks[name]]).tobytes() == kept.tobytes()
            assert set(signs) == ({-1.0, 1.0} if form == "signed" else {1.0})
            assert (weights[name][~masks[name]] == 0).all()
            assert 0 < masks[name].sum() < masks[name].size
        assert first.weights.keys() == masks.keys(), "of nothing else a score"


@FORMS
def test_evaluating_what_is_written_repeats_the_accuracy(form: Form) -> None:
    engine, progress = trained(form)
    written = [State(weights, {}, 0) for weights in engine.weights()]
    plain = TorchEngine(NETWORK, Optimiser("sgd", 1.0), SPLITS, written, engine.masks, device="cpu")
    loss, accuracy = plain.evaluate("test")
    assert np.array_equal(progress.record.loss[-1, :, 1], loss)
    assert np.array_equal(progress.record.accuracy[-1, :, 1], accuracy)
    earlier = engine.evaluate_weights(progress.best, "validation")
    stops = [progress.record.early_stop(lane) for lane in range(2)]
    assert np.array_equal(earlier[0], progress.record.loss[stops, range(2), 0])


def test_a_mask_may_hold_weights_that_are_zero() -> None:
    """A weight that is 0 by itself is not hidden: the mask is of the scores."""
    supermask, state = start("signed")[0]
    zeros = {name: np.zeros_like(array) for name, array in supermask.frozen.items()}
    still = Supermask("signed", zeros, supermask.thresholds, supermask.key)
    engine = engine_of([(supermask, state), (still, state)])
    assert all(np.array_equal(a, engine.masks[1][n]) for n, a in engine.masks[0].items())


def test_decay_falls_with_the_rate_and_nothing_else_moves_a_score_without_a_gradient() -> None:
    """The first pixel is black in all images, so its scores have no gradient."""
    black = SPLITS["train"].pixels.copy()
    black[:, 0] = 0
    train_split = replace(SPLITS["train"], pixels=black)
    begun = start("signed")
    engine = SupermaskEngine(
        NETWORK,
        Optimiser("sgd", 0.5, drops=(2,)),
        {"train": train_split},
        [begun[0][1]],
        [begun[0][0]],
        0.1,
        device="cpu",
    )
    before = begun[0][1].weights["fc1.weight"]
    engine.train(Batches(np.arange(60, dtype=np.int32).reshape(1, 3, 20)))
    after = engine.states()[0].weights["fc1.weight"]
    assert after[:, 0] == pytest.approx(before[:, 0] * 0.9 * 0.9 * 0.99)
    assert after[:, 1:] != pytest.approx(before[:, 1:] * 0.9 * 0.9 * 0.99)


def test_binary_draws_are_those_of_the_runs_stream() -> None:
    """One iteration, by hand: the gradient under the mask that the stream draws."""
    begun = start("binary")
    engine = engine_of(begun, optimiser=Optimiser("sgd", 1.0), decay=0.0)
    rows = np.arange(40, dtype=np.int32).reshape(2, 1, 20)
    engine.train(Batches(rows))
    for (supermask, _), state, lane_rows in zip(begun, engine.states(), rows, strict=True):
        generator = stream(*supermask.key, "supermask", 0)
        scores = {la.weight: torch.zeros(la.shape, requires_grad=True) for la in LAYERS}
        masked = {
            name: torch.tensor(supermask.frozen[name])
            * Binary.apply(score, torch.tensor(generator.random(score.shape, np.float32)))
            for name, score in scores.items()
        }
        chosen = SPLITS["train"].images[lane_rows[0]]
        hidden = torch.tensor(chosen) @ masked["fc1.weight"].T
        hidden = torch.relu(hidden + torch.tensor(supermask.frozen["fc1.bias"]))
        logits = hidden @ masked["output.weight"].T + torch.tensor(supermask.frozen["output.bias"])
        labels = torch.tensor(SPLITS["train"].labels[lane_rows[0]].astype(np.int64))
        loss = torch.nn.functional.cross_entropy(logits, labels)
        for (name, _), gradient in zip(
            scores.items(), torch.autograd.grad(loss, list(scores.values())), strict=True
        ):
            assert state.weights[name] == pytest.approx(-gradient.numpy(), abs=1e-6)


@FORMS
def test_a_run_that_is_stopped_anywhere_ends_as_if_it_had_not_been(
    form: Form, tmp_path: Path
) -> None:
    assert_ends_the_same(tmp_path, ITERATIONS, lambda states: engine_of(start(form), states), run)
