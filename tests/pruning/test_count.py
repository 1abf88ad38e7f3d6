"""Counts against the paper: sizes of the networks, and what each round leaves of them."""

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_core.networks.shapes import Layer, weight_layers
from lth_core.pruning.count import (
    keep_after_rounds,
    keep_in_one_shot,
    pools,
    weights_remaining,
)
from tests.projects import project_at

CONFIG = Path(__file__).parents[2] / "config"
PROJECT = project_at("paper")
LENET_RATES = {"conv": 0.0, "fc": 0.2, "output": 0.1, "shortcut": 0.0}
CONV_RATES = {**LENET_RATES, "conv": 0.1}
GLOBAL_RATES = {"conv": 0.2, "fc": 0.0, "output": 0.0, "shortcut": 0.0}

# Column of pm_levels.csv: architecture, rates, scope (Figure 2).
LADDERS: dict[str, tuple[str, dict[str, float], Any]] = {
    "lenet": ("lenet_300_100", LENET_RATES, "layer"),
    "conv2": ("conv2", CONV_RATES, "layer"),
    "conv4": ("conv4", CONV_RATES, "layer"),
    "conv6_conv15": ("conv6", {**CONV_RATES, "conv": 0.15}, "layer"),
    "conv6_conv10": ("conv6", CONV_RATES, "layer"),
    "conv6_256ch_conv15": ("conv6_256", {**CONV_RATES, "conv": 0.15}, "layer"),
    "conv6_256ch_conv10": ("conv6_256", CONV_RATES, "layer"),
    "resnet18": ("resnet18", GLOBAL_RATES, "global"),
    "vgg19": ("vgg19", GLOBAL_RATES, "global"),
}


def layers_of(architecture: str) -> list[Layer]:
    return weight_layers(PROJECT.architectures[architecture].model_dump())


def levels() -> list[dict[str, str]]:
    with (CONFIG / "paper/pm_levels.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("column", LADDERS)
def test_ladder_is_the_papers(column: str) -> None:
    """The table holds the geometric law; ours rounds each pool to whole weights."""
    architecture, rates, scope = LADDERS[column]
    layers = layers_of(architecture)
    total = sum(layer.size for layer in layers)
    rows = levels()
    assert [int(row["round"]) for row in rows] == list(range(36))
    for row in rows:
        keep = keep_after_rounds(rates, int(row["round"]))
        ours = 100 * weights_remaining(layers, keep, scope) / total
        half_a_weight_a_pool = 0.5 * len(pools(layers, keep, scope)) * 100 / total
        theirs = float(row[column])
        assert abs(ours - theirs) <= half_a_weight_a_pool + 0.00005  # printed to four decimals
        # The paper prints a decimal (21.1 %); no level lies near enough to a half to tip over.
        assert f"{ours:.1f}" == f"{theirs:.1f}"


def test_lenet_experiments_prune_at_the_papers_rates() -> None:
    pruning = PROJECT.experiments["lenet_imp"].pruning
    assert pruning.rates == LENET_RATES and pruning.scope == "layer"


@pytest.mark.parametrize(
    ("architecture", "conv", "fc", "output", "shortcut"),
    [
        ("lenet_300_100", 0, 265_200, 1_000, 0),
        ("conv2", 38_592, 4_259_840, 2_560, 0),
        ("conv4", 259_776, 2_162_688, 2_560, 0),
        ("conv6", 812_736, 851_968, 2_560, 0),
        ("conv6_256", 1_144_512, 1_114_112, 2_560, 0),
        ("resnet18", 267_696, 0, 640, 2_560),
        ("vgg19", 20_018_880, 0, 5_120, 0),
    ],
)
def test_weights_of_each_kind(
    architecture: str, conv: int, fc: int, output: int, shortcut: int
) -> None:
    counted = dict.fromkeys(("conv", "fc", "output", "shortcut"), 0)
    for layer in layers_of(architecture):
        counted[layer.kind] += layer.size
    assert counted == {"conv": conv, "fc": fc, "output": output, "shortcut": shortcut}


@pytest.mark.parametrize("percent", [2.5 * i for i in range(1, 40)])
def test_one_shot_sizes(percent: float) -> None:
    """The sizes of Figure 4c: Pm = 100 - 0.99812 p, the output layer pruned by half of p."""
    layers = layers_of("lenet_300_100")
    keep = keep_in_one_shot(LENET_RATES, percent / 100)
    ours = 100 * weights_remaining(layers, keep, "layer") / 266_200
    assert ours == pytest.approx(100 - (265_200 + 500) / 266_200 * percent, abs=0.001)
    assert ours == pytest.approx(100 - 0.99812 * percent, abs=0.002)


def test_kinds_without_a_rate_stay_whole() -> None:
    layers = layers_of("resnet18")
    first, *rest = pools(layers, keep_after_rounds(GLOBAL_RATES, 15), "global")
    assert {layer.kind for layer in first.layers} == {"conv"}
    assert first.keep == round(267_696 * 0.8**15)
    assert sorted((pool.layers[0].name, pool.keep) for pool in rest) == [
        ("output", 640), ("shortcut1", 512), ("shortcut2", 2_048),
    ]  # fmt: skip


def test_nothing_is_pruned_at_round_0() -> None:
    layers = layers_of("vgg19")
    assert weights_remaining(layers, keep_after_rounds(GLOBAL_RATES, 0), "global") == 20_024_000


def test_global_pruning_needs_one_rate() -> None:
    with pytest.raises(ValueError, match="global pruning needs one rate"):
        pools(layers_of("conv2"), keep_after_rounds(CONV_RATES, 1), "global")


@given(st.floats(0, 0.99), st.integers(0, 60))
def test_rounding_errors_do_not_add_up(rate: float, rounds: int) -> None:
    layer = Layer("fc1", "fc", (300, 784))
    (pool,) = pools([layer], keep_after_rounds({"fc": rate}, rounds), "layer")
    assert abs(pool.keep - layer.size * (1 - rate) ** rounds) <= 0.5 + 1e-6
