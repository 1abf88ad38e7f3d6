"""Ratios made by hand: counts worked out on paper, exact in sum, none above its layer's size."""

from typing import get_args

import pytest

from lth_core.networks.shapes import Layer, weight_layers
from lth_core.pruning.ratios import Ratios, keep_by_ratios

SMALL = [Layer("a", "fc", (10, 10)), Layer("b", "fc", (5, 10)), Layer("c", "output", (2, 5))]
LENET = weight_layers(
    {
        "input": [784],
        "layers": [{"type": "dense", "units": 300}, {"type": "dense", "units": 100}],
        "classes": 10,
    }
)
CONV = weight_layers(
    {
        "input": [3, 8, 8],
        "layers": [{"type": "conv", "filters": 4}, {"type": "conv", "filters": 16}],
        "classes": 10,
    }
)


@pytest.mark.parametrize(
    ("layers", "total", "ratios", "expected"),
    [
        (SMALL, 64, "smart", [49, 12, 3]),
        (SMALL, 144, "smart", [100, 41, 3]),  # 12.8 move on from the first layer
        (SMALL, 158, "smart", [100, 50, 8]),  # and then from the second
        (SMALL, 64, "smart_vgg", [57, 4, 3]),
        (LENET, 26_620, "smart", [24_742, 1_578, 300]),
        (LENET, 26_620, "erk", [18_714, 6_906, 1_000]),
        (LENET, 26_620, "uniform", [23_520, 3_000, 100]),
        # Sides 3 + 4 + 3 + 3, 4 + 16 + 3 + 3 and 1024 + 10.
        (CONV, 1_073, "erk", [13, 26, 1_034]),
    ],
)
def test_counts(layers: list[Layer], total: int, ratios: Ratios, expected: list[int]) -> None:
    assert keep_by_ratios(layers, total, ratios) == expected


@pytest.mark.parametrize("ratios", get_args(Ratios))
@pytest.mark.parametrize("layers", [SMALL, CONV, LENET[-1:]])
def test_any_total_is_kept_exactly(layers: list[Layer], ratios: Ratios) -> None:
    sizes = [layer.size for layer in layers]
    step = max(sum(sizes) // 200, 1)
    for total in {*range(0, sum(sizes), step), sum(sizes)}:
        kept = keep_by_ratios(layers, total, ratios)
        assert sum(kept) == total
        assert all(0 <= count <= size for count, size in zip(kept, sizes, strict=True))
