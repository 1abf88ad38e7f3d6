"""Counts: how many weights stay in each pool of weights."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from lth_core.networks.shapes import Layer

Scope = Literal["layer", "kind", "global"]


class Pool(NamedTuple):
    """Layers whose weights compete with each other, and how many of them stay."""

    layers: tuple[Layer, ...]
    keep: int


def pools(layers: Sequence[Layer], keep: Mapping[str, float], scope: Scope) -> list[Pool]:
    """Return what stays of `layers` when each kind keeps the share `keep[kind]`.

    scope "layer" prunes each layer by itself; "kind" pools the layers of a kind, "global" all
    layers that are pruned at all (VGG-19 and Resnet-18, Section 4). A share is of the layers'
    original size, so round r at rate p keeps (1 - p)**r. Counts are rounded to the nearest whole
    weight. Raises ValueError for global pruning with several rates.
    """
    if scope == "layer":
        return [_pool((layer,), keep[layer.kind]) for layer in layers]
    if scope == "kind":
        kinds = dict.fromkeys(layer.kind for layer in layers)
        return [_pool(tuple(la for la in layers if la.kind == kind), keep[kind]) for kind in kinds]
    pruned = tuple(layer for layer in layers if keep[layer.kind] < 1)
    whole = [Pool((layer,), layer.size) for layer in layers if keep[layer.kind] == 1]
    if not pruned:
        return whole
    shares = {keep[layer.kind] for layer in pruned}
    if len(shares) > 1:
        raise ValueError(f"global pruning needs one rate, but found the shares {sorted(shares)}")
    return [_pool(pruned, shares.pop()), *whole]


def _pool(layers: tuple[Layer, ...], share: float) -> Pool:
    return Pool(layers, round(sum(layer.size for layer in layers) * share))


def keep_after_rounds(rates: Mapping[str, float], rounds: int) -> dict[str, float]:
    """Return the share that each layer kind keeps after `rounds` prunings (Section 1)."""
    return {kind: (1 - rate) ** rounds for kind, rate in rates.items()}


def keep_in_one_shot(rates: Mapping[str, float], share: float) -> dict[str, float]:
    """Return the share that each layer kind keeps when `share` is pruned in one step.

    `share` holds for the kind with the highest rate, the others follow in proportion:
    Lenet's output layer loses half of what the hidden layers lose (Figure 4).
    """
    highest = max(rates.values())
    return {kind: 1 - share * rate / highest for kind, rate in rates.items()}


def weights_remaining(layers: Sequence[Layer], keep: Mapping[str, float], scope: Scope) -> int:
    """Return how many weights stay in all; biases are never counted."""
    return sum(pool.keep for pool in pools(layers, keep, scope))
