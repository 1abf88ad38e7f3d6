"""Panels of histograms."""

from lth_core.config.figures import DistributionPanel
from lth_core.figures.distributions import nearest_panels


def shown(panels, rounds):
    return [(panel.round, panel.layer) for panel in nearest_panels(panels, rounds)]


def test_rounds_that_were_run_are_shown_as_asked():
    panels = [DistributionPanel(round=number) for number in (0, 4, 8, 12)]
    assert shown(panels, [0, 4, 8, 12]) == [(0, None), (4, None), (8, None), (12, None)]


def test_the_nearest_round_below_is_shown_once():
    panels = [DistributionPanel(round=number) for number in (0, 4, 8, 12)]
    assert shown(panels, [0, 4, 6]) == [(0, None), (4, None), (6, None)]
    layers = [DistributionPanel(round=8, layer=layer) for layer in ("fc1", "fc2")]
    assert shown(layers, [0, 2]) == [(2, "fc1"), (2, "fc2")]
