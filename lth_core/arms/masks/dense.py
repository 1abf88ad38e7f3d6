"""No pruning: every weight stays."""

from collections.abc import Mapping
from typing import Any, Literal

from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Masks
from lth_core.pruning.mask import dense


class Settings(MaskSettings):
    """All weights stay."""

    source: Literal["dense"]


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks that keep everything."""
    return dense(inputs.layers)
