"""Which rounds and histograms there are of an experiment, for figures and claims alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lth_core.config.errors import ConfigError

if TYPE_CHECKING:
    from lth_core.config.experiment import Experiment
    from lth_core.networks.shapes import Layer

# Quantities of weights inside and outside of the ticket, which a `group` tells apart.
SPLIT = ("moved", "magnitude_change")


def layers_of(quantity: str, layers: Sequence["Layer"]) -> list[str]:
    """Return the layers that have histograms of a quantity, of a network's `layers`.

    Outgoing connections are those of the units before a layer, of which the first are pixels.
    """
    names = [layer.name for layer in layers]
    return ["input", *names[:-1]] if quantity == "outgoing" else names


def check_is_run(where: str, number: int, name: str, experiment: "Experiment") -> None:
    """Refuse a round that an experiment does not have. name: of the experiment."""
    if number not in experiment.round_range:
        raise ConfigError(f"{where}: {name} has the rounds {experiment.rounds}, not {number}")
