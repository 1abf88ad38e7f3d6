"""A set of examples as the engines take it: the pixels, and how they become inputs."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Split:
    """Examples resident in memory; features is the number of a network's inputs.

    pixels: uint8 (N, ...), C-contiguous, channels first. labels: uint8 (N,). factor, offset:
    float32 (features,); an input is pixel * factor + offset. norm: float32 (N,), by which an
    image's inputs are then divided; None for 1.

    Raises ValueError where they do not go together.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    factor: NDArray[np.float32]
    offset: NDArray[np.float32]
    norm: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        examples, *shape = self.pixels.shape
        if self.pixels.dtype != np.uint8 or not self.pixels.flags.c_contiguous:
            raise ValueError("pixels: expected uint8, C-contiguous")
        if len(self.labels) != examples:
            raise ValueError(f"{examples} images, but {len(self.labels)} labels")
        if not self.factor.shape == self.offset.shape == (prod(shape),):
            raise ValueError(f"factor and offset: expected shape ({prod(shape)},)")

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: Any) -> "Split":
        """Return the examples at `rows`, a slice or an array as numpy takes it."""
        norm = None if self.norm is None else self.norm[rows]
        return Split(self.pixels[rows], self.labels[rows], self.factor, self.offset, norm)

    @property
    def images(self) -> NDArray[np.float32]:
        """All inputs, computed at each call: float32, C-contiguous, of the shape of `pixels`.

        They are those of the sparse kernel but for the rounding of the last bit.
        """
        shape = (len(self), *self.factor.shape)
        inputs = np.multiply(self.pixels.reshape(shape), self.factor, dtype=np.float32)
        if self.offset.any():
            inputs += self.offset
        if self.norm is not None:
            inputs /= self.norm[:, None]
        return inputs.reshape(self.pixels.shape)
