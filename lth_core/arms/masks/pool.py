"""Lottery pools (Yin et al., AAAI 2023): the masks of tickets mixed with those of other rounds."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from lth_core.arms.source import MASKS, WEIGHTS, Inputs, Parent, TicketSettings
from lth_core.networks.shapes import Masks

_CANDIDATES = 9


class Settings(TicketSettings):
    """The mask of a ticket's mixture with the trained networks of the nearest nine rounds."""

    source: Literal["pool"]
    last: int = Field(ge=0, description="Last round of that experiment; scales reduce it.")

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the trained ticket, and those of other rounds by their distance."""
        others = [other for other in range(self.last + 1) if other != round_]
        nearest = sorted(others, key=lambda other: (abs(other - round_), other))[:_CANDIDATES]
        ticket = {"ticket": Parent(self.experiment, round_, (WEIGHTS, MASKS))}
        return ticket | {
            f"candidate_{place}": Parent(self.experiment, other, (WEIGHTS,))
            for place, other in enumerate(nearest, start=1)
        }


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the masks of the pool."""
    from lth_core.arms.pooling import pooled  # imports PyTorch

    return pooled(inputs)[0]
