"""Random pruning (Section 1, Figure 1)."""

from collections.abc import Mapping
from typing import Any, Literal

from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Masks
from lth_core.pruning import score
from lth_core.pruning.count import pools
from lth_core.pruning.mask import dense, keep_highest


class Settings(MaskSettings):
    """A random set of the size that the rates give."""

    source: Literal["random"]
    prunes = True


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks of weights drawn at random."""
    scores = {
        layer.weight: score.random(inputs.initial[layer.weight], inputs.generator)
        for layer in inputs.layers
    }
    sizes = pools(inputs.layers, settings["keep"], settings["scope"])
    return keep_highest(scores, dense(inputs.layers), sizes)
