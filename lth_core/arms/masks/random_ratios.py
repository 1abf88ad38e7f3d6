"""Random masks with hand-designed ratios of layer sizes (Su et al., 2020)."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from lth_core.arms.source import Inputs, MaskSettings
from lth_core.networks.shapes import Masks
from lth_core.pruning import score
from lth_core.pruning.count import Pool, weights_remaining
from lth_core.pruning.mask import dense, keep_highest
from lth_core.pruning.ratios import Ratios, keep_by_ratios


class Settings(MaskSettings):
    """Random sets, each layer's of a size by `ratios`; in total as many as `pruning` says."""

    source: Literal["random_ratios"]
    ratios: Ratios = Field(
        description="What each layer keeps: `smart` much of the first layers and 30 % of the"
        " output, `smart_vgg` even more of the first, `erk` more of small layers (Erdos-Renyi),"
        " `uniform` the same share of each."
    )
    prunes = True


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return masks of weights drawn at random, layer by layer."""
    layers = inputs.layers
    total = weights_remaining(layers, settings["keep"], settings["scope"])
    counts = keep_by_ratios(layers, total, settings["ratios"])
    scores = {
        layer.weight: score.random(inputs.initial[layer.weight], inputs.generator)
        for layer in layers
    }
    sizes = [Pool((layer,), count) for layer, count in zip(layers, counts, strict=True)]
    return keep_highest(scores, dense(layers), sizes)
