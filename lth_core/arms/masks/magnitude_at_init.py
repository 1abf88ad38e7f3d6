"""Pruning before training, by the magnitude of the initial weights (Appendix F.4)."""

from collections.abc import Mapping
from typing import Any, Literal

from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Masks
from lth_core.pruning.mask import dense, keep_largest


class Settings(MaskSettings):
    """The largest initial weights stay."""

    source: Literal["magnitude_at_init"]
    prunes = True


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return dense masks without the smallest initial weights."""
    keep, scope = settings["keep"], settings["scope"]
    return keep_largest(inputs.layers, inputs.initial, dense(inputs.layers), keep, scope)
