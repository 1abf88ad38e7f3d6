"""Structure of masks: which units are connected, and how near to each other their inputs lie.

After Pellegrini & Biroli (arXiv 2104.13343). A pair is two surviving inputs of one unit of the
first layer, in either order. What counts is how much more often pairs lie near than if each input's
weights were on random units: where the data leave pixels black, as at the border of MNIST, the
pixels that are still read lie near each other in every mask.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

NEAR = 1  # pixels, in rows and in columns
FARTHEST = 9  # likewise, of the displacements in tables


class Pairs(NamedTuple):
    """Pairs by displacement, (2 rows - 1, 2 columns - 1) with zero in the middle.

    found: in the mask. expected: the mean over all ways to move each input's weights to other
    units, which keeps how many weights each input has.
    """

    found: np.ndarray
    expected: np.ndarray

    @property
    def ratio(self) -> np.ndarray:
        """Share of the pairs that lie at each displacement over the same of those expected.

        NaN where none are expected, and everywhere where there are none.
        """
        return self._over(self.found, self.expected)

    @property
    def locality(self) -> float:
        """Share of the pairs that are at most NEAR apart, over the same of those expected.

        NaN where no two inputs of a unit survive, or none so near to each other are expected.
        """
        middle = tuple(
            slice(max(0, side // 2 - NEAR), side // 2 + NEAR + 1) for side in self.found.shape
        )
        return float(self._over(self.found[middle].sum(), self.expected[middle].sum()))

    def _over(self, found: np.ndarray, expected: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (found / self.found.sum()) / (expected / self.expected.sum())


def pairs(kept: np.ndarray) -> Pairs:
    """Return the pairs of a first layer, in all colours.

    kept: its mask (units, channels, rows, columns). Inputs are moved independently, so that two
    with k and l weights are expected to meet in k l / units units.
    """
    weights = kept.sum(0, dtype=np.int64)
    found = _autocorrelation(kept.sum(1))
    expected = _autocorrelation(weights.sum(0)[None])
    middle = tuple(side // 2 for side in found.shape)
    found[middle] -= kept.sum()  # an input and itself are no pair
    expected[middle] -= (weights**2).sum()
    return Pairs(found, expected / len(kept))


def displacements(found: Pairs) -> pd.DataFrame:
    """Return a row for each displacement of up to FARTHEST rows (down) and columns (right)."""
    shape = found.found.shape
    down, right = (at - side // 2 for at, side in zip(np.indices(shape), shape, strict=True))
    near = np.maximum(abs(down), abs(right)) <= FARTHEST
    columns = {"down": down, "right": right, "pairs": found.found, "ratio": found.ratio}
    table = pd.DataFrame({name: values[near] for name, values in columns.items()})
    return table.astype({"pairs": "int64"})


def connected(mask: np.ndarray) -> float:
    """Return the share of units (the first axis) with a surviving incoming weight."""
    return float(mask.reshape(len(mask), -1).any(1).mean())


def _autocorrelation(images: np.ndarray) -> np.ndarray:
    """Return the sum over images (n, rows, columns) of counts of products at each displacement."""
    shape = tuple(2 * side - 1 for side in images.shape[1:])
    power = np.abs(np.fft.rfft2(images, s=shape)) ** 2
    return np.fft.fftshift(np.rint(np.fft.irfft2(power.sum(0), s=shape)))
