"""A ticket: a mask, and the weights that a network under it starts from (Section 1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lth_core.errors import Failure
from lth_core.networks.shapes import Masks, Weights

if TYPE_CHECKING:
    from lth_core.ticket.module import TicketModule


class NotKept(Failure):
    """A file that a ticket needs is not there; names it."""


@dataclass(frozen=True, eq=False)
class Ticket:
    """One run's mask and weights, of any arm: tickets, and controls such as reinitialised ones.

    experiment, scale, round, trial, replicate: which run. mask: bool arrays by name of the weight
    (`fc1.weight`), in its shape; False is pruned. settings: what the run was told, defaults
    included: network, initialisation, data set, training, seed, sources of mask and weights.
    provenance: sha256 of the run's manifest.
    """

    experiment: str
    scale: str
    round: int
    trial: int
    replicate: int
    mask: Masks = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)
    provenance: str
    read_initial: Callable[[], Weights] = field(repr=False)
    read_trained: Callable[[], Weights] = field(repr=False)

    @property
    def percent_remaining(self) -> float:
        """Percent of the weights that the mask keeps; biases are not counted."""
        kept = sum(int(mask.sum()) for mask in self.mask.values())
        return 100 * kept / sum(mask.size for mask in self.mask.values())

    def initial(self) -> Weights:
        """Return what training started from: float32 arrays by name, pruned weights zero.

        Of a ticket it is theta_0 under the mask, of a control what its arm puts there. Raises
        Failure where the arm starts from trained weights that are not kept.
        """
        return self.read_initial()

    def trained(self) -> Weights:
        """Return the weights at the end of training, likewise. Raises NotKept where not kept."""
        return self.read_trained()

    def module(self, trained: bool = False) -> "TicketModule":
        """Return the network in PyTorch, at its initial weights, or its trained ones."""
        from lth_core.ticket.module import TicketModule  # torch takes seconds to load

        weights = self.trained() if trained else self.initial()
        return TicketModule(self.settings["network"], self.mask, weights)
