"""Random masks of a ticket's total size, across layers (open_lth's branches)."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.source import Inputs, TicketSettings
from lth_core.networks.shapes import Masks
from lth_core.pruning.ratios import keep_by_ratios


class Settings(TicketSettings):
    """As many weights as the ticket of another experiment has in all, at random places."""

    source: Literal["shuffled_across"]
    layers: Literal["any", "even"] = Field(
        description="`any`: every weight has the same chance; `even`: each layer keeps the same"
        " share. `shuffled` keeps the ticket's number of each layer."
    )


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks of the ticket's size, drawn at random."""
    ticket = inputs.parents["ticket"].masks
    assert ticket is not None
    layers = inputs.layers
    total = sum(int(mask.sum()) for mask in ticket.values())
    if settings["layers"] == "even":
        counts = keep_by_ratios(layers, total, "uniform")
        flat = [np.arange(la.size) < count for la, count in zip(layers, counts, strict=True)]
        drawn = [inputs.generator.permutation(part) for part in flat]
    else:
        sizes = [layer.size for layer in layers]
        whole = inputs.generator.permutation(np.arange(sum(sizes)) < total)
        drawn = np.split(whole, np.cumsum(sizes)[:-1])
    return {la.weight: part.reshape(la.shape) for la, part in zip(layers, drawn, strict=True)}
