"""Masks: scores and counts to booleans, exact in count."""

from collections.abc import Mapping, Sequence

import numpy as np

from lth_core.networks.shapes import Layer, Masks
from lth_core.pruning import score
from lth_core.pruning.count import Pool, Scope, pools


def dense(layers: Sequence[Layer]) -> Masks:
    """Return masks that keep everything."""
    return {layer.weight: np.ones(layer.shape, dtype=bool) for layer in layers}


def keep_largest(
    layers: Sequence[Layer],
    weights: Mapping[str, np.ndarray],
    previous: Mapping[str, np.ndarray],
    keep: Mapping[str, float],
    scope: Scope,
) -> Masks:
    """Return masks that keep the largest magnitudes of `weights`; see `keep_highest`, `pools`."""
    scores = {layer.weight: score.magnitude(weights[layer.weight]) for layer in layers}
    return keep_highest(scores, previous, pools(layers, keep, scope))


def keep_highest(
    scores: Mapping[str, np.ndarray], previous: Mapping[str, np.ndarray], pools: Sequence[Pool]
) -> Masks:
    """Return masks that keep the highest-scoring survivors of each pool.

    scores: flat arrays by weight name. previous: the masks so far; what they removed
    stays removed, so masks are nested. Of equal scores the lower flat index stays.

    Raises ValueError where a pool has fewer survivors than it should keep.
    """
    masks: Masks = {}
    for pool in pools:
        names = [layer.weight for layer in pool.layers]
        alive = np.concatenate([previous[name].ravel() for name in names])
        candidates = np.flatnonzero(alive)
        if len(candidates) < pool.keep:
            raise ValueError(f"{names}: {len(candidates)} weights left, {pool.keep} to keep")
        score = np.concatenate([scores[name] for name in names])[candidates]
        best = candidates[np.argsort(-score, kind="stable")[: pool.keep]]
        kept = np.zeros(len(alive), dtype=bool)
        kept[best] = True
        ends = np.cumsum([layer.size for layer in pool.layers])[:-1]
        for layer, part in zip(pool.layers, np.split(kept, ends), strict=True):
            masks[layer.weight] = part.reshape(layer.shape)
    return masks
