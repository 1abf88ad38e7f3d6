"""Lottery pools: which networks are mixed, in which order, and when one is taken."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from lth_core.arms import pooling
from lth_core.arms.masks import pool as pool_masks
from lth_core.arms.mixture import with_statistics
from lth_core.arms.pooling import COEFFICIENTS, Evaluate, greedy
from lth_core.arms.probe import Probe
from lth_core.arms.source import Inputs, Network
from lth_core.arms.weights import pool as pool_weights
from lth_core.data.scaling import unit
from lth_core.data.split import Split
from lth_core.networks.initial import draw_weights
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.pruning.mask import dense
from lth_core.streams import stream
from tests.projects import project_at

GLOROT = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}
NETWORK: dict[str, Any] = {"input": [3], "layers": [], "classes": 1}
LAYERS = weight_layers(NETWORK)
HALVES = (0.25, 0.5, 0.75)


def network(*values: float, bias: float = 0) -> Weights:
    return {
        "output.weight": np.array([values], np.float32),
        "output.bias": np.array([bias], np.float32),
    }


def mask_of(weights: Weights) -> Masks:
    return {"output.weight": weights["output.weight"] != 0}


def near(wanted: float) -> Evaluate:
    """Let a network be the better the nearer its first weight is to a number."""

    def evaluate(weights: Weights, masks: Masks) -> tuple[Weights, float]:
        assert (weights["output.weight"][~masks["output.weight"]] == 0).all()
        return weights, -abs(float(weights["output.weight"][0, 0]) - wanted)

    return evaluate


def pooled(
    ticket: Weights,
    candidates: Sequence[Weights],
    evaluate: Evaluate,
    coefficients: Sequence[float] = HALVES,
) -> list[float]:
    masks, weights = greedy(LAYERS, mask_of(ticket), ticket, candidates, evaluate, coefficients)
    assert masks["output.weight"].sum() == mask_of(ticket)["output.weight"].sum()
    return weights["output.weight"][0].tolist()


@pytest.mark.parametrize(
    ("round_", "last", "order"),
    [
        (2, 4, [1, 3, 0, 4]),
        (0, 4, [1, 2, 3, 4]),
        (4, 4, [3, 2, 1, 0]),
        (14, 28, [13, 15, 12, 16, 11, 17, 10, 18, 9]),
        (0, 0, []),
    ],
)
def test_candidates_are_the_nearest_rounds(round_: int, last: int, order: list[int]) -> None:
    parents = pool_masks.Settings(source="pool", experiment="x", last=last).parents(round_)
    assert parents.pop("ticket").round == round_
    places = range(1, len(order) + 1)
    assert [parents[f"candidate_{place}"].round for place in places] == order
    assert len(parents) == len(order)


def test_the_best_coefficient_of_a_candidate_is_taken() -> None:
    assert pooled(network(1, 0, 2), [network(2, 0, 0)], near(1.5)) == [1.5, 0, 1]


def test_a_candidate_that_is_only_as_good_is_not_taken() -> None:
    """Its mixture would be (1.5, 2.25, 0.25), without the smallest."""
    candidates = [network(2, 0, 0), network(1.5, 3, 0)]
    assert pooled(network(1, 0, 2), candidates, near(1.5)) == [1.5, 0, 1]


def test_the_mask_may_become_another() -> None:
    """Half of each is (1.25, 1.5, 1), of which two stay."""
    assert pooled(network(1, 0, 2), [network(1.5, 3, 0)], near(1.25)) == [1.25, 1.5, 0]


def test_of_equal_magnitudes_the_first_stay_and_of_equal_coefficients_the_first_is_taken() -> None:
    ticket, candidate = network(1, 1, 0), network(1, 0, 1)

    def half_is_best(weights: Weights, masks: Masks) -> tuple[Weights, float]:
        return weights, float(weights["output.weight"][0, 1] < 0.8)

    # 0.25: (1, 0.25, 0.75) keeps the third; with 0.5 the second and the third are equal.
    assert pooled(ticket, [candidate], half_is_best) == [1, 0, 0.75]
    assert pooled(ticket, [candidate], half_is_best, [0.5, 0.25]) == [1, 0.5, 0]


def test_later_candidates_are_mixed_into_the_best_so_far() -> None:
    candidates = [network(3, 0, 0), network(7, 0, 0)]
    # (2, 0, 1), then half of that and of the second.
    assert pooled(network(1, 0, 2), candidates, near(9), [0.5]) == [4.5, 0, 0.5]


def test_with_the_coefficient_one_it_is_the_ticket() -> None:
    ticket = network(1, 0, 2, bias=0.1)
    masks, weights = greedy(LAYERS, mask_of(ticket), ticket, [network(2, 1, 0)], near(5), [1])
    assert weights is ticket and np.array_equal(masks["output.weight"], [[True, False, True]])


def test_biases_are_mixed_too_and_a_layer_that_is_empty_stays_so() -> None:
    ticket, other = network(0, 0, 0, bias=1), network(1, 0, 0, bias=3)

    def by_bias(weights: Weights, masks: Masks) -> tuple[Weights, float]:
        return weights, float(weights["output.bias"][0])

    masks, weights = greedy(LAYERS, mask_of(ticket), ticket, [other], by_bias, [0.5])
    assert weights["output.bias"].tolist() == [2] and not masks["output.weight"].any()
    assert not weights["output.weight"].any()


def test_diverged_candidates_are_not_taken() -> None:
    ticket, broken = network(1, 0, 2), network(np.nan, np.nan, np.nan, bias=np.nan)

    def evaluate(weights: Weights, masks: Masks) -> tuple[Weights, float]:
        return weights, float(np.isfinite(weights["output.bias"][0]))

    assert pooled(ticket, [broken], evaluate) == [1, 0, 2]


def test_both_sources_find_the_same_pool() -> None:
    """No candidate is worse than the ticket with all of its weights; a pool is at least as good."""
    network_ = {"input": [4], "layers": [{"type": "dense", "units": 5}], "classes": 3}
    layers, generator = weight_layers(network_), np.random.default_rng(0)
    pixels = generator.integers(0, 256, (60, 4), np.uint8)
    data = Split(pixels, generator.integers(0, 3, 60).astype(np.uint8), *unit(4))

    def drawn() -> Weights:
        shapes = {name: shape for la in layers for name, shape in la.tensors.items()}
        return {n: generator.normal(size=s).astype(np.float32) for n, s in shapes.items()}

    masks = dense(layers)
    masks["fc1.weight"][:, 0] = False
    ticket = {n: np.where(masks.get(n, True), w, np.float32(0)) for n, w in drawn().items()}
    parents = {"ticket": Network(ticket, masks)}
    parents |= {f"candidate_{place}": Network(drawn()) for place in (1, 2)}
    inputs = Inputs(
        layers, {}, {}, parents, stream("no draws"), {}, network_,
        splits=lambda: {"train": data, "validation": data},
    )  # fmt: skip
    found, weights = pool_masks.masks({}, inputs), pool_weights.weights({}, inputs)
    assert {n: m.sum() for n, m in found.items()} == {n: m.sum() for n, m in masks.items()}
    assert all((weights[name][~mask] == 0).all() for name, mask in found.items())
    probe = Probe(network_, {"validation": data})
    before = probe.accuracy(ticket, masks, "validation")
    assert probe.accuracy(weights, found, "validation") > before


def test_a_runs_pool_is_found_once_for_mask_and_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []

    def find(inputs: Inputs) -> tuple[Masks, Weights]:
        found.append(inputs)
        return {}, {}

    monkeypatch.setattr(pooling, "_found", find)
    for parents in ({"ticket": Network()}, {"ticket": Network()}):
        for name in ("mask", "weights"):
            pooling.pooled(Inputs(LAYERS, {}, {}, parents, stream(name)))
    assert len(found) == 2


@pytest.mark.parametrize(("scale", "last"), [("paper", 28), ("quick", 20), ("smoke", 1)])
def test_at_a_scale_it_reads_the_rounds_that_there_are(scale: str, last: int) -> None:
    experiment = project_at(scale).experiments["lenet_pool"]
    assert experiment.arm.mask.last == experiment.round_range[-1] == last


def test_coefficients_are_symmetric() -> None:
    assert sorted(1 - share for share in COEFFICIENTS) == pytest.approx(list(COEFFICIENTS))


NORMED: dict[str, Any] = {
    "input": [1, 4, 4],
    "layers": [{"type": "conv", "filters": 3, "batch_norm": True}],
    "classes": 2,
}


def test_a_pool_is_judged_on_validation_and_normed_on_training_examples() -> None:
    """The ticket always answers 0, as the training set does; the candidate 1, as validation."""
    layers = weight_layers(NORMED)
    drawn = draw_weights(layers, GLOROT, np.random.default_rng(0))

    def always(answer: int) -> Weights:
        output = {"output.weight": np.zeros_like(drawn["output.weight"])}
        return drawn | output | {"output.bias": 9 * np.eye(2, dtype=np.float32)[answer]}

    def answers(seed: int, answer: int) -> Split:
        pixels = np.random.default_rng(seed).integers(0, 256, (20, 1, 4, 4), np.uint8)
        return Split(pixels, np.full(20, answer, np.uint8), *unit(16))

    splits = {"train": answers(1, 0), "validation": answers(2, 1)}
    parents = {"ticket": Network(always(0), dense(layers)), "candidate_1": Network(always(1))}
    inputs = Inputs(
        layers, {}, {}, parents, stream("no draws"), {}, NORMED, splits=lambda: splits
    )  # fmt: skip
    masks, weights = pool_masks.masks({}, inputs), pool_weights.weights({}, inputs)
    assert weights["output.bias"].argmax() == 1
    expected = with_statistics(NORMED, splits["train"], weights, masks)
    assert np.array_equal(weights["conv1.running_mean"], expected["conv1.running_mean"])
