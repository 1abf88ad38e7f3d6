"""Iterative pruning by scores other than the final magnitude (Zhou et al., 2019)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.source import MASKS, WEIGHTS, Inputs, MaskSettings, Parent
from lth_core.networks.shapes import Masks
from lth_core.pruning.count import pools
from lth_core.pruning.mask import keep_highest


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return for each value the share of values with a smaller magnitude."""
    magnitudes = np.abs(values)
    return np.searchsorted(np.sort(magnitudes), magnitudes) / max(magnitudes.size, 1)


# From a layer's surviving weights, initial and trained, to what each deserves. Higher stays.
_SCORES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "large_init": lambda i, f: np.abs(i),
    "small_init": lambda i, f: -np.abs(i),
    "small_final": lambda i, f: -np.abs(f),
    "magnitude_increase": lambda i, f: np.abs(f) - np.abs(i),
    "movement": lambda i, f: np.abs(f - i),
    "large_init_large_final": lambda i, f: np.minimum(_ranks(i), _ranks(f)),
    "small_init_small_final": lambda i, f: -np.maximum(_ranks(i), _ranks(f)),
    "large_final_same_sign": lambda i, f: np.where(np.sign(i) == np.sign(f), np.abs(f), -1),
    "large_final_diff_sign": lambda i, f: np.where(np.sign(i) != np.sign(f), np.abs(f), -1),
}
if TYPE_CHECKING:
    Score = str
else:
    Score = Literal[tuple(_SCORES)]


class Settings(MaskSettings):
    """Iterative pruning by a score of theta_0 and the trained weights; `imp` by magnitude."""

    source: Literal["criterion"]
    score: Score = Field(
        description="What stays, by theta_0 (`init`) and the trained weights (`final`): large or"
        " small magnitudes, those that grew most, those that moved most, or of those that kept"
        " or changed their sign the largest."
    )
    prunes = True

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the trained run of the round before."""
        return {"trained": Parent(None, round_ - 1, (WEIGHTS, MASKS))} if round_ else {}


def masks(settings: Mapping[str, Any], inputs: Inputs) -> Masks:
    """Return the masks of the round before without its lowest-scoring weights.

    Ranks are among a layer's survivors. NaN, left by a diverged run, goes first.
    """
    trained = inputs.parents["trained"]
    assert trained.weights is not None and trained.masks is not None
    scores = {}
    for layer in inputs.layers:
        alive = trained.masks[layer.weight]
        initial, final = inputs.initial[layer.weight][alive], trained.weights[layer.weight][alive]
        score = np.zeros(layer.shape)
        score[alive] = np.where(np.isnan(final), np.nan, _SCORES[settings["score"]](initial, final))
        scores[layer.weight] = score.ravel()
    sizes = pools(inputs.layers, settings["keep"], settings["scope"])
    return keep_highest(scores, trained.masks, sizes)
