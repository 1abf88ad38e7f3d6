"""Memory of a network's operations."""

import ctypes
from collections.abc import Sequence
from math import prod

import numpy as np

from lth_core.networks.shapes import Layer
from lth_core.training.sparse.convolution import grow_borders
from lth_core.training.sparse.layout import GROUP, Scratch, aligned, pointer
from lth_core.training.sparse.planes import Planes, bordered, flat
from lth_core.training.sparse.program import Kind, Program, Use, Value


class Memory:
    """What the operations of a program need in memory for batches of `width` examples.

    width: a multiple of 16. training: whether what the way back needs is kept of all chunks. The
    lanes of a job share it, one after the other.
    """

    def __init__(self, kernel: ctypes.CDLL, program: Program, width: int, training: bool) -> None:
        self.program, self.width, self.training = program, width, training
        self.dense = Scratch(program.dense, width)
        self.dense_gradient = aligned(program.dense[0].fan_in * width if training else 0)
        for window, x, z in program.windows.values():
            tiles = (kernel.tile_of(*z.shape[1:]), kernel.tile_of(*x.shape[1:]))
            grow_borders(window, x.shape[1:], z.shape[1:], x.border, z.gradient_border, tiles)
        # The gradients of what convolutions put out are used up chunk by chunk.
        self._passing = {Use(z, True) for _, _, z in program.windows.values()}
        self._normed = any(op.kind == Kind.NORMALISE for op in program.forward)
        self._planes: dict[Use, Planes] = {}
        self._choices: dict[Value, np.ndarray] = {}
        self._noises = {of: self._ones(of) for of in program.dropout}

    def planes(self, use: Use) -> Planes:
        """Return the planes of a value, or of its gradient."""
        if use not in self._planes:
            self._planes[use] = self._allocated(use)
        return self._planes[use]

    def choice(self, pooled: Value) -> np.ndarray:
        """Return memory for the pixels that a pool has chosen."""
        if pooled not in self._choices:
            self._choices[pooled] = aligned(prod(pooled.shape) * self.width // 4)
        return self._choices[pooled]

    def dropout(self, layer: Layer) -> ctypes.c_void_p | None:
        """Return the noise that multiplies the output of a dense layer, if any does."""
        noise = self._noises.get(layer)
        return None if noise is None or not self.training else pointer(noise)

    def set_noise(self, noises: Sequence[np.ndarray]) -> None:
        """Take the factors (batch, ...) of each dropout layer for the next iteration."""
        for noise in self._noises.values():
            noise[:] = 1
        for of, factors in zip(self.program.dropout, noises, strict=True):
            by_unit = self._noises[of].reshape(-1, self.width)
            by_unit[:, : len(factors)] *= factors.reshape(len(factors), -1).T

    def _allocated(self, use: Use) -> Planes:
        value = use.value
        if value in self._noises:
            return flat(value.shape, self._noises[value], self.width)
        if value is self.program.output:
            memory = self.dense_gradient if use.gradient else self.dense.inputs
            return flat(value.shape, memory, self.width)
        border, shared = value.border, not self.training
        if use.gradient:
            border, shared = value.gradient_border, use in self._passing or not self._normed
        return bordered(value.shape, border, self.width // GROUP, shared)

    def _ones(self, of: Value | Layer) -> np.ndarray:
        units = of.shape[0] if isinstance(of, Layer) else prod(of.shape)
        noise = aligned(units * self.width)
        noise[:] = 1
        return noise
