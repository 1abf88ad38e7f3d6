"""Hand-designed ratios: how many weights of a total each layer keeps, before any training."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from lth_core.networks.shapes import Layer

Ratios = Literal["smart", "smart_vgg", "erk", "uniform"]
SMART_OUTPUT = 0.3  # the share of the output layer that smart ratios keep


def keep_by_ratios(layers: Sequence[Layer], total: int, ratios: Ratios) -> list[int]:
    """Return how many weights each layer keeps, `total` in all.

    uniform: the same share of each. erk: in proportion to the sum of the sides of its array
    (Mocanu et al., 2018; Evci et al., 2020). smart: the output layer a fixed share, layer l of L
    in proportion to its size times (L-l+1)^2 + (L-l+1); smart_vgg: that over l^2 (Su et al.,
    2020).
    """
    sizes = np.array([layer.size for layer in layers], dtype=float)
    if ratios == "uniform":
        return _whole(sizes * total / sizes.sum(), total)
    if ratios == "erk":
        sides = np.array([sum(layer.shape) for layer in layers], dtype=float)
        return _whole(_capped(sides, sizes, total), total)
    return _whole(_smart(sizes, total, ratios == "smart_vgg"), total)


def _capped(parts: np.ndarray, sizes: np.ndarray, total: int) -> np.ndarray:
    """Share `total` in proportion to `parts`; what is more than a size goes to the others."""
    full = np.zeros(len(sizes), dtype=bool)
    while True:
        rest = total - sizes[full].sum()
        shared = parts * rest / max(parts[~full].sum(), 1)
        found = np.where(full, sizes, shared)
        if not (found > sizes).any():
            return found
        full |= found > sizes


def _smart(sizes: np.ndarray, total: int, vgg: bool) -> np.ndarray:
    """Share `total` by smart ratios; what is more than a layer's size goes to the next."""
    last = len(sizes) - 1
    place = np.arange(1, last + 1)
    ratio = (last + 2 - place) ** 2 + (last + 2 - place)
    parts = sizes[:last] * (ratio / place**2 if vgg else ratio)
    output = min(round(SMART_OUTPUT * sizes[last]), total)
    found = np.append(parts * (total - output) / max(parts.sum(), 1), 0)
    for layer in range(last):
        beyond = max(found[layer] - sizes[layer], 0)
        found[layer : layer + 2] += (-beyond, beyond)
    found[last] = total - found[:last].sum()
    return found


def _whole(counts: np.ndarray, total: int) -> list[int]:
    """Round to whole numbers with the sum `total`: up where the fractions are largest."""
    found = np.floor(counts).astype(int)
    order = np.argsort(found - counts, kind="stable")
    found[order[: total - found.sum()]] += 1
    return [int(count) for count in found]
