"""A ticket's mask, shuffled within each layer (2018 version, control 2)."""

from collections.abc import Mapping
from typing import Any, Literal

from lth_core.arms.source import Inputs, TicketSettings
from lth_core.networks.shapes import Masks


class Settings(TicketSettings):
    """As many weights in each layer as the ticket of another experiment has, at random places."""

    source: Literal["shuffled"]


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the ticket's masks, each layer permuted."""
    ticket = inputs.parents["ticket"].masks
    assert ticket is not None
    permuted = inputs.generator.permutation
    return {name: permuted(kept.ravel()).reshape(kept.shape) for name, kept in ticket.items()}
