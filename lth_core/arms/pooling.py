"""Lottery pools (Yin et al., AAAI 2023): networks of other rounds mixed into a ticket, greedily."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lth_core.arms.mixture import mixed, with_statistics
from lth_core.arms.probe import Probe
from lth_core.arms.source import Inputs, Network
from lth_core.networks.shapes import Layer, Masks, Weights
from lth_core.pruning.count import Pool
from lth_core.pruning.mask import dense, keep_highest
from lth_core.pruning.score import magnitude

COEFFICIENTS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)

# From weights under masks to the same, with their own statistics of batch norm, and the accuracy.
Evaluate = Callable[[Weights, Masks], tuple[Weights, float]]

_last: tuple[Mapping[str, Network], tuple[Masks, Weights]] | None = None


def pooled(inputs: Inputs) -> tuple[Masks, Weights]:
    """Return the pool of the parents `ticket` and `candidate_1`, `candidate_2`, ...

    Mixtures are judged on all validation examples. It is found once for a run's mask and weights,
    which are asked for one after the other.
    """
    global _last
    if _last is None or _last[0] is not inputs.parents:
        _last = inputs.parents, _found(inputs)
    return _last[1]


def _found(inputs: Inputs) -> tuple[Masks, Weights]:
    splits, ticket = inputs.splits(), inputs.parents["ticket"]
    assert ticket.weights is not None and ticket.masks is not None
    probe = Probe(inputs.network, splits)

    def evaluate(weights: Weights, masks: Masks) -> tuple[Weights, float]:
        fit = with_statistics(inputs.network, splits["train"], weights, masks)
        return fit, probe.accuracy(fit, masks, "validation")

    roles = [role for role in inputs.parents if role.startswith("candidate_")]
    candidates = []
    for place in range(1, len(roles) + 1):
        weights = inputs.parents[f"candidate_{place}"].weights
        assert weights is not None
        candidates.append(weights)
    return greedy(inputs.layers, ticket.masks, ticket.weights, candidates, evaluate)


def greedy(
    layers: Sequence[Layer],
    masks: Masks,
    weights: Weights,
    candidates: Sequence[Weights],
    evaluate: Evaluate,
    coefficients: Sequence[float] = COEFFICIENTS,
) -> tuple[Masks, Weights]:
    """Return masks and weights of the best mixture that is found, one candidate after the other.

    masks, weights: the trained ticket, where the search begins. A mixture is a coefficient times
    the best so far, plus the rest of the candidate, pruned by magnitude to as many weights of each
    layer as the ticket has. The best coefficient of a candidate, of equals the first, is taken if
    it is more accurate than the best so far.
    """
    keep = {layer.weight: int(masks[layer.weight].sum()) for layer in layers}
    _, most = evaluate(weights, masks)
    for candidate in candidates:
        start = weights
        for coefficient in coefficients:
            found, pruned = _largest(layers, mixed(candidate, start, coefficient), keep)
            pruned, accuracy = evaluate(pruned, found)
            if accuracy > most:
                masks, weights, most = found, pruned, accuracy
    return masks, weights


def _largest(
    layers: Sequence[Layer], weights: Weights, keep: Mapping[str, int]
) -> tuple[Masks, Weights]:
    """Return the masks of the largest weights of each layer, and the weights under them."""
    scores = {layer.weight: magnitude(weights[layer.weight]) for layer in layers}
    pools = [Pool((layer,), keep[layer.weight]) for layer in layers]
    masks = keep_highest(scores, dense(layers), pools)
    return masks, weights | {
        name: np.where(mask, weights[name], np.float32(0)) for name, mask in masks.items()
    }
