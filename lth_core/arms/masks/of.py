"""The mask of another experiment, reused: controls train tickets' masks (Section 1)."""

from collections.abc import Mapping
from typing import Any, Literal

from lth_core.arms.source import Inputs, TicketSettings
from lth_core.networks.shapes import Masks


class Settings(TicketSettings):
    """The mask of the same round and trial of another experiment."""

    source: Literal["of"]


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the ticket's masks."""
    ticket = inputs.parents["ticket"].masks
    assert ticket is not None
    return ticket
