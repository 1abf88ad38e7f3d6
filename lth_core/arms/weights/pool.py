"""Lottery pools (Yin et al., AAAI 2023): tickets mixed with those of other rounds."""

from collections.abc import Mapping
from typing import Any, Literal

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """The trained weights of the mixture whose mask is that of the mask source `pool`."""

    source: Literal["pool"]
    with_masks = ("pool",)


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return the weights of the pool whose masks are the run's."""
    from lth_core.arms.pooling import pooled  # imports PyTorch

    return pooled(inputs)[1]
