"""Panels of histograms."""

import numpy as np
import pandas as pd

from lth_core.config.distribution_figures import (
    DistributionPanel,
    Distributions,
    DistributionSeries,
)
from lth_core.figures.distributions import draw, nearest, widened
from lth_core.networks.shapes import Layer
from lth_core.tables.distributions import bin_edges, distributions


def shown(panels, rounds):
    return [(panel.round, panel.layer) for panel in nearest(panels, rounds)]


def test_rounds_that_were_run_are_shown_as_asked():
    panels = [DistributionPanel(round=number) for number in (0, 4, 8, 12)]
    assert shown(panels, [0, 4, 8, 12]) == [(0, None), (4, None), (8, None), (12, None)]


def test_the_nearest_round_below_is_shown_once():
    panels = [DistributionPanel(round=number) for number in (0, 4, 8, 12)]
    assert shown(panels, [0, 4, 6]) == [(0, None), (4, None), (6, None)]
    layers = [DistributionPanel(round=8, layer=layer) for layer in ("fc1", "fc2")]
    assert shown(layers, [0, 2]) == [(2, "fc1"), (2, "fc2")]
    groups = [
        DistributionSeries(group=group, label=group, colour="blue")
        for group in ("in_ticket", "not_in_ticket")
    ]
    assert nearest(groups, [0, 2]) == groups


def histogram(*densities):
    """A histogram of tenths from 0 to 1."""
    tenths = [tenth / 10 for tenth in range(11)]
    return pd.DataFrame({"left": tenths[:-1], "right": tenths[1:], "density": densities})


def test_the_range_is_the_papers_unless_a_tenth_of_a_histogram_lies_outside():
    within = histogram(0, 0, 1, 3, 3, 2, 1, 0, 0, 0)
    tail = histogram(0, 0, 0, 2, 3.2, 3, 1, 0.5, 0.3, 0)
    half = histogram(0, 0, 0, 0, 0, 2, 4, 3, 1, 0)
    beyond = histogram(0, 0, 0, 0, 0, 0, 0, 2, 8, 0)
    assert widened((0.0, 0.7), [within, tail]) == (0.0, 0.7)
    assert widened((0.0, 0.7), [within, half]) == (0.0, 0.9)
    assert widened((0.0, 0.7), [within, beyond]) == (0.0, 0.9)


def test_rounds_side_by_side_in_one_panel():
    spec = Distributions.model_validate(
        {
            "notebook": "distributions",
            "section": "v1",
            "title": "",
            "caption": "",
            "experiment": "v1_mnist_iter",
            "quantity": "incoming",
            "label": "Fraction",
            "series": [
                {"round": number, "label": "{percent}%", "colour": "blue"} for number in (1, 8, 13)
            ],
            "panels": [{"layer": "fc1", "title": "First"}, {"layer": "fc2", "title": "Second"}],
        }
    )
    rows = [
        dict(quantity="incoming", round=number, percent_remaining=100 * 0.8**number, group="")
        | dict(layer=layer, left=0.0, right=1.0, density=1.0)
        for number in (0, 1, 8)
        for layer in ("fc1", "fc2")
    ]
    pooled = pd.DataFrame(rows)
    by_trial = pd.concat([pooled.assign(experiment="net", trial=trial) for trial in (0, 1)])
    figure, numbers, runs = draw(spec, pooled, by_trial)
    assert numbers[["panel", "series"]].to_numpy().tolist() == [
        [panel, percent] for panel in ("First", "Second") for percent in ("80.00%", "16.78%")
    ]
    assert [axes.get_title() for axes in figure.axes] == ["First", "Second"]
    first = runs[runs["panel"] == "First"]
    assert first[["series", "round", "trial"]].to_numpy().tolist() == [
        ["80.00%", 1, 0], ["80.00%", 1, 1], ["16.78%", 8, 0], ["16.78%", 8, 1],
    ]  # fmt: skip


def test_a_network_without_weights_has_an_empty_panel_that_says_so():
    """As the tables of all quantities are: no histogram of what there is none of."""
    layers = [Layer("fc1", "fc", (3, 4)), Layer("output", "output", (2, 3))]
    initial = {layer.weight: np.full(layer.shape, 0.1, np.float32) for layer in layers}
    masks = {
        number: [{name: np.full(array.shape, number == 0) for name, array in initial.items()}]
        for number in (0, 5)
    }
    table = distributions([initial], [initial], masks)
    spec = Distributions.model_validate(
        {
            **{"notebook": "distributions", "section": "v1", "title": "", "caption": ""},
            **{"experiment": "net", "quantity": "initial_weight", "label": "Weight"},
            "series": [{"layer": "fc1", "label": "First", "colour": "blue"}],
            "panels": [{"round": 0}, {"round": 5}],
        }
    )
    figure, numbers, _ = draw(spec, table, table.assign(experiment="net", trial=0))
    assert [axes.get_title() for axes in figure.axes] == [
        "100.00% remaining", "0.00% remaining",
    ]  # fmt: skip
    assert set(numbers["panel"]) == {"100.00% remaining"}
    assert [[t.get_text() for t in axes.texts] for axes in figure.axes] == [[], ["none: First"]]


def test_weights_on_their_way_to_infinity_fit_into_a_table():
    edges = bin_edges(np.array([-3e38, 0.0, 3e38], np.float32), 0.0075, 0.0)
    assert len(edges) < 200_000 and edges[0] <= -3e38 and edges[-1] > 3e38
    assert np.allclose(np.diff(bin_edges(np.array([-0.1, 0.1]), 0.0075, 0.0)), 0.0075)


def test_what_is_drawn_are_the_densities():
    spec = Distributions.model_validate(
        {
            **{"notebook": "distributions", "section": "v1", "title": "", "caption": ""},
            **{"experiment": "net", "quantity": "incoming", "label": "Fraction"},
            "series": [{"label": "First", "colour": "blue", "layer": "fc1"}],
            "panels": [{"round": 0}],
        }
    )
    tenths = histogram(0, 0, 1, 3, 3, 2, 1, 0, 0, 0)
    table = tenths.assign(quantity="incoming", round=0, percent_remaining=100.0, layer="fc1")
    table = table.assign(group="")
    figure, numbers, _ = draw(spec, table, table.assign(experiment="net", trial=0))
    (outline,) = figure.axes[0].patches
    values, edges, _ = outline.get_data()
    assert values.tolist() == numbers["density"].tolist() == tenths["density"].tolist()
    assert edges.tolist() == [*tenths["left"], 1.0]
