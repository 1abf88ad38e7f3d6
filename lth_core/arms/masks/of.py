"""The mask of another experiment, taken over: controls train tickets' masks (Section 1)."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from lth_core.arms.source import MASKS, Inputs, MaskSettings, Parent
from lth_core.networks.shapes import Masks


class Settings(MaskSettings):
    """The mask of the same round and trial of another experiment."""

    source: Literal["of"]
    experiment: str = Field(description="Name of that experiment.")
    dense_first = False

    @property
    def experiments(self) -> dict[str, str]:
        """The experiment whose masks are taken."""
        return {"experiment": self.experiment}

    @property
    def taken_from(self) -> str:
        """The same."""
        return self.experiment

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the ticket, of which the mask is enough."""
        return {"ticket": Parent(self.experiment, round_, (MASKS,))}


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the ticket's masks."""
    ticket = inputs.parents["ticket"].masks
    assert ticket is not None
    return ticket
