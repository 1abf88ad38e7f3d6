"""Panels of histograms."""

import pandas as pd

from lth_core.config.distribution_figures import (
    DistributionPanel,
    Distributions,
    DistributionSeries,
)
from lth_core.figures.distributions import draw, nearest, widened


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


def test_the_range_is_the_papers_unless_most_of_a_histogram_lies_outside():
    within = histogram(0, 0, 1, 3, 3, 2, 1, 0, 0, 0)
    tail = histogram(0, 0, 0, 2, 3, 2, 1, 1, 1, 0)
    beyond = histogram(0, 0, 0, 0, 0, 0, 0, 2, 8, 0)
    assert widened((0.0, 0.7), [within, tail]) == (0.0, 0.7)
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
