"""Which histograms there are of a network, for figures and claims alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lth_core.networks.shapes import Layer

# Quantities of weights inside and outside of the ticket, which a `group` tells apart.
SPLIT = ("moved", "magnitude_change")


def layers_of(quantity: str, layers: Sequence["Layer"]) -> list[str]:
    """Return the layers that have histograms of a quantity, of a network's `layers`.

    Outgoing connections are those of the units before a layer, of which the first are pixels.
    """
    names = [layer.name for layer in layers]
    return ["input", *names[:-1]] if quantity == "outgoing" else names
