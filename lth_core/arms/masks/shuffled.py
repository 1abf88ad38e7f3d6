"""As many weights in each layer as a ticket has, elsewhere (2018 version, control 2)."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from lth_core.arms.source import MASKS, Inputs, MaskSettings, Parent
from lth_core.networks.shapes import Masks


class Settings(MaskSettings):
    """As many weights in each layer as the ticket of another experiment has, at random places."""

    source: Literal["shuffled"]
    experiment: str = Field(description="Name of that experiment.")
    dense_first = False

    @property
    def experiments(self) -> dict[str, str]:
        """The experiment whose masks are shuffled."""
        return {"experiment": self.experiment}

    @property
    def taken_from(self) -> str:
        """The same."""
        return self.experiment

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the ticket, of which the mask is enough."""
        return {"ticket": Parent(self.experiment, round_, (MASKS,))}


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the ticket's masks, each layer permuted."""
    ticket = inputs.parents["ticket"].masks
    assert ticket is not None
    permuted = inputs.generator.permutation
    return {name: permuted(kept.ravel()).reshape(kept.shape) for name, kept in ticket.items()}
