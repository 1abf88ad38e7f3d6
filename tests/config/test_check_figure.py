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
