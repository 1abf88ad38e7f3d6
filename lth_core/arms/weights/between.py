"""The worst network between two trained ones: a test of linear connectivity.

Frankle et al., "Linear Mode Connectivity and the Lottery Ticket Hypothesis", ICML 2020.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.source import WEIGHTS, Inputs, Parent, WeightSettings
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """The worst network, by validation accuracy, on the line between two trained ones."""

    source: Literal["between"]
    first: str = Field(description="Experiment that trains the network at one end.")
    second: str = Field(description="Experiment that trains the one at the other end.")
    points: int = Field(30, ge=2, description="Networks that are tried, both ends among them.")

    @property
    def experiments(self) -> dict[str, str]:
        """Those that train both ends."""
        return {"first": self.first, "second": self.second}

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return both ends."""
        return {end: Parent(name, round_, (WEIGHTS,)) for end, name in self.experiments.items()}


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return the weights between both ends, under the masks, that are least accurate.

    Of equal accuracies the one nearest to the first end counts. Batch norm gets the running
    statistics of each network (lth_core/arms/mixture.py).
    """
    from lth_core.arms.mixture import mixed, with_statistics  # imports PyTorch
    from lth_core.arms.probe import Probe

    first, second = (inputs.parents[end].weights for end in ("first", "second"))
    assert first is not None and second is not None
    splits = inputs.splits()
    probe = Probe(inputs.network, splits)

    def at(share: float) -> Weights:
        return with_statistics(
            inputs.network, splits["train"], mixed(first, second, share), inputs.masks
        )

    shares = np.linspace(0, 1, settings["points"])
    found = [probe.accuracy(at(share), inputs.masks, "validation") for share in shares]
    return at(shares[int(np.argmin(found))])
