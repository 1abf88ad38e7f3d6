"""Activations of images in the sparse kernel's memory; planes.h describes the layout."""

import ctypes
from collections.abc import Sequence

import numpy as np

from lth_core.training.sparse.layout import GROUP, aligned, pointer

Side = tuple[int, int]  # of rows, of columns


class Planes(ctypes.Structure):
    """The kernel's struct Planes. Keeps its memory alive."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("chunk", "channel", "row", "pixel")),
        *((name, ctypes.c_int32) for name in ("channels", "height", "width")),
    ]
    memory: np.ndarray


class Border:
    """How many zeros planes need around them; grows with what reads them."""

    def __init__(self) -> None:
        self.before, self.after = (0, 0), (0, 0)

    def grow(self, before: Side, after: Side) -> None:
        """Leave room for at least so many rows and columns before and after an image."""
        self.before = (max(self.before[0], before[0]), max(self.before[1], before[1]))
        self.after = (max(self.after[0], after[0]), max(self.after[1], after[1]))


def bordered(shape: Sequence[int], border: Border, chunks: int, shared: bool) -> Planes:
    """Return planes of `shape` (channels, height, width) for so many chunks of 16 examples.

    shared: the chunks lie in the same memory, one after the other.
    """
    channels, height, width = shape
    row = (border.before[1] + width + border.after[1]) * GROUP
    channel = (border.before[0] + height + border.after[0]) * row
    chunk = channels * channel
    memory = aligned(chunk * (1 if shared else chunks))
    first = border.before[0] * row + border.before[1] * GROUP
    return _planes(memory, first, (0 if shared else chunk, channel, row, GROUP), shape)


def flat(shape: Sequence[int], memory: np.ndarray, width: int) -> Planes:
    """Return planes of `shape` that lie in `memory` as [unit][width], as dense layers want them."""
    _, rows, columns = shape
    strides = (GROUP, rows * columns * width, columns * width, width)
    return _planes(memory, 0, strides, shape)


def _planes(
    memory: np.ndarray, first: int, strides: tuple[int, ...], shape: Sequence[int]
) -> Planes:
    planes = Planes(pointer(memory[first:]), *strides, *shape)
    planes.memory = memory
    return planes
