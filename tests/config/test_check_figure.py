"""Figures of what is not there are refused, with the key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lth_core.config.errors import ConfigError
from lth_core.config.load import load

Edit = Callable[[str, str, str], None]
# What is replaced in figures.yaml, by what, and the error.
MISTAKES = {
    "name of the first version": (
        "  v1_fig01:",
        "  v1_graph01:",
        "figures: found the name 'v1_graph01', should be",
    ),
    "point of a sweep": (
        "points: [2.5e-05, 5e-05,",
        "points: [2.5e-05, 6e-05,",
        "figures.fig26: no experiment is called 'lenet_adamlr_6e-05'; did you mean",
    ),
    "iteration that is not evaluated": (
        "        at: 30000\n",
        "        at: 30500\n",
        "figures.fig07: panel test_accuracy_30K: at: found 30500, should be a multiple of 1000 up"
        " to 112480, or 112480: vgg19_lr0.1 is evaluated there",
    ),
    "iteration after the end": (
        "at: 112480}",
        "at: 113000}",
        "figures.fig07: panel test_accuracy_112K: at: found 113000",
    ),
    "architecture of a table": (
        "        architecture: conv6_256\n",
        "        architecture: conv6_257\n",
        "figures.fig02: no architecture is called 'conv6_257'; did you mean 'conv6_256'?",
    ),
    "experiment of a table": (
        "experiment: conv4_imp, stated",
        "experiment: conv4_ipm, stated",
        "figures.fig02: no experiment is called 'conv4_ipm'; did you mean 'conv4_imp'?",
    ),
    "round of a learning curve": (
        "v1_mnist_oneshot, round: 19,",
        "v1_mnist_oneshot, round: 20,",
        "figures.v1_fig01: round 20 of v1_mnist_oneshot, which has the rounds 0-19",
    ),
    "layer that the network lacks": (
        "layer: fc1",
        "layer: fc7",
        "figures.fig15: lenet_imp: no layer is called 'fc7'; did you mean 'fc2'? Valid: fc1, fc2,",
    ),
    "histograms without a dense network": (
        "experiment: lenet_imp\n    quantity: initial_weight",
        "experiment: lenet_imp_reinit\n    quantity: initial_weight",
        "figures.fig15.experiment: lenet_imp_reinit has the rounds 1-28, but histograms need",
    ),
    "groups of what is not split": (
        "quantity: moved",
        "quantity: incoming",
        "figures.fig19: series 'Not in winning ticket': `group` belongs to the quantities moved",
    ),
    "no groups of what is split": (
        "quantity: initial_weight",
        "quantity: moved",
        "figures.fig15: series 'First hidden layer': `group` belongs",
    ),
    "limits upside down": (
        "limits: [0, 52000]",
        "limits: [100, 0]",
        "figures.fig01.panels.0.limits: found [100, 0]: should be the lower end, then the upper",
    ),
    "limits with nothing between": (
        "limits: [0, 52000]",
        "limits: [5, 5]",
        "figures.fig01.panels.0.limits: found [5, 5]: should be two numbers, not the same",
    ),
    "limits without an end": (
        "limits: [0, 52000]",
        "limits: [0, 1e400]",
        "figures.fig01.panels.0.limits.1: found inf: should be a finite number",
    ),
    "limits out of reach": (
        "limits: [0, 52000]",
        "limits: [0, 1e300]",
        "figures.fig01.panels.0.limits: found [0, 1e+300]: should be two numbers, not the same, up",
    ),
    "iterations backwards": (
        "xlimits: [0, 25000]",
        "xlimits: [25000, 0]",
        "figures.fig11.xlimits: found [25000, 0]: should be the lower end, then the upper",
    ),
    "zero on a log axis": (
        "limits: [100, 4.66]",
        "limits: [100, 0]",
        "figures.fig08.panels.0.x: limits: found [100.0, 0.0], should be above 0 on a log axis",
    ),
    "tick outside": (
        "ticks: [100, 64.425,",
        "ticks: [101, 64.425,",
        "figures.fig08.panels.0.x: ticks: 101 is outside the limits [100.0, 4.66]",
    ),
    "panel of no experiments": (
        "        experiments: [",
        "        experiments: []  # [",
        "panels.0.experiments: found []: List should have at least 1 item",
    ),
    "panels of one name": (
        "name: test_accuracy_vs_iteration_middle",
        "name: test_accuracy_vs_iteration_left",
        "figures.fig03: panels: the name 'test_accuracy_vs_iteration_left' is given twice",
    ),
    "label that no legend shows": (
        'label: "{percent} (reinit)"',
        "label: _hidden",
        "figures.fig03.panels.2.series.3.label: found '_hidden': should not start with _",
    ),
    "formula that is none": (
        'label: "{percent} (reinit)"',
        "label: $\\fooo$",
        "figures.fig03.panels.2.series.3.label: found '$\\\\fooo$': is no formula",
    ),
    "picture too large to be saved": (
        "width: 6\n",
        "width: 6000\n",
        ".width: found 6000: should be less than or equal to 20",
    ),
    "percent of no round": (
        "{layer: fc1, label: First hidden layer,",
        "{layer: fc1, label: 'First ({percent})',",
        "figures.fig15: 'First ({percent})': {percent} is that of a round, which is not given",
    ),
    "trial of a line of all trials": (
        "label: Winning ticket,",
        'label: "Winning ticket {trial}",',
        "`each_trial` and {trial} in `label` go together",
    ),
    "iteration of a panel without": (
        'label: "Accuracy at Iteration {iterations} (Test)"',
        'label: "Accuracy at Iteration {at} (Test)"',
        "label: {at} needs the key `at`",
    ),
    "points without a place": (
        'experiment: "resnet18_warmup_{point}"',
        "experiment: resnet18_warmup_0",
        "`points` and {point} in `experiment` go together",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_refused_with_the_key(mistake: str, config: Path, edit: Edit) -> None:
    old, new, message = MISTAKES[mistake]
    edit("figures.yaml", old, new)
    with pytest.raises(ConfigError) as error:
        load(config, {"scale": "smoke"})
    assert message in str(error.value)
