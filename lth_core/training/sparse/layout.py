"""Layout of weights and dense layers in the sparse kernel's memory; layer.h says why."""

import ctypes
from typing import Any

import numpy as np

from lth_core.networks.shapes import Layer

GROUP = 16  # slots that the kernel updates together; examples are padded to this as well
DENSE_ROWS = 64  # output units of a block in dense layers
DENSE_FROM = 0.5  # density from which leaving out inputs that are zero gains more than lists
PANEL = 128  # inputs per panel: with 64 examples each, they fit into the first cache
PANEL_FROM = 0.1  # density from which panels pay for their padding


class LayerPointers(ctypes.Structure):
    """The kernel's struct Layer."""

    _fields_ = [
        *((name, ctypes.c_int32) for name in ("inputs", "outputs", "rows", "blocks")),
        *((name, ctypes.c_void_p) for name in ("unit", "start", "end", "column", "alive")),
        *((name, ctypes.c_void_p) for name in ("weight", "first", "second")),
        *((name, ctypes.c_void_p) for name in ("bias", "bias_first", "bias_second")),
        *(
            (name, ctypes.c_void_p)
            for name in ("output", "gradient", "entry", "entries", "turned", "dropout")
        ),
    ]


class Scratch:
    """Activations and their gradients for batches of `width` (padded) examples."""

    def __init__(self, layers: list[Layer], width: int) -> None:
        self.inputs = aligned(layers[0].fan_in * width)
        sizes = [round_up(layer.shape[0], DENSE_ROWS) * width for layer in layers]
        self.outputs = [aligned(size) for size in sizes]
        self.gradients = [aligned(size) for size in sizes]
        inputs = max(layer.fan_in for layer in layers)
        self._entry = aligned(2 * inputs * width)
        self._entries = np.empty(max(inputs, width), np.int32)
        self._turned = aligned(DENSE_ROWS * width)

    def shared(self) -> list[ctypes.c_void_p]:
        """Return what the layers use one after the other."""
        return [pointer(self._entry), pointer(self._entries), pointer(self._turned)]


class PackedSlots:
    """Where the surviving weights of a layer lie in the kernel's arrays.

    slot, place: of every surviving weight, its slot there and its place in the dense array. size:
    number of slots, a multiple of GROUP. alive: a bit a slot, for those that do not just pad.
    """

    def __init__(
        self, shape: tuple[int, ...], slot: np.ndarray, place: np.ndarray, size: int
    ) -> None:
        self.shape, self.slot, self.place, self.size = shape, slot, place, size
        alive = np.zeros(size, bool)
        alive[slot] = True
        self.alive = np.packbits(alive, bitorder="little").view("<u2")

    def pack(self, dense: np.ndarray, packed: np.ndarray) -> None:
        """Write the surviving entries of `dense` into `packed`; padding is left alone."""
        packed[self.slot] = dense.reshape(-1)[self.place]

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """Return a dense copy, zero where pruned."""
        dense = np.zeros(self.shape, np.float32)
        dense.reshape(-1)[self.place] = packed[self.slot]
        return dense


class WeightSlots(PackedSlots):
    """Where the surviving weights of a dense layer lie in the kernel's arrays.

    The kernel's slots are [column][rows], `column` running through the blocks; see there.
    """

    def __init__(self, mask: np.ndarray) -> None:
        outputs, inputs = mask.shape
        density = mask.mean()
        self.rows = DENSE_ROWS if density >= DENSE_FROM else 1
        panel = PANEL if PANEL_FROM <= density < DENSE_FROM else inputs
        padded = np.zeros((round_up(outputs, self.rows), round_up(inputs, panel)), bool)
        padded[:outputs, :inputs] = mask
        # used: (panel, block of units, input within the panel), in the kernel's order
        blocks = padded.reshape(-1, self.rows, padded.shape[1] // panel, panel)
        used = np.swapaxes(np.any(blocks, axis=1), 0, 1)
        if self.rows > 1:  # one list of inputs serves all blocks
            used[:] = used.any(axis=1, keepdims=True)
        counts = used.sum(axis=2).reshape(-1)
        slots = counts if self.rows > 1 else round_up(counts, GROUP)
        self.start = np.concatenate([[0], np.cumsum(slots)]).astype(np.int32)
        self.end = (self.start[:-1] + counts).astype(np.int32)
        units = np.arange(0, len(padded), self.rows, dtype=np.int32)
        self.unit = np.tile(units, len(used))
        at_panel, at_block, within = np.nonzero(used)
        block = at_panel * used.shape[1] + at_block
        slot = self.start[block] + np.arange(len(block)) - np.searchsorted(block, block)
        column = at_panel * panel + within
        self.column = np.zeros(self.start[-1], np.int32)
        self.column[slot] = column
        row = self.unit[block][:, None] + np.arange(self.rows)
        survives = padded[row, column[:, None]]
        super().__init__(
            mask.shape,
            slot=(slot[:, None] * self.rows + np.arange(self.rows))[survives],
            place=(row * inputs + column[:, None])[survives],
            size=len(self.column) * self.rows,
        )


class BiasSlots:
    """The trivial counterpart of PackedSlots for biases."""

    def __init__(self, size: int) -> None:
        self.size = size

    def pack(self, dense: np.ndarray, packed: np.ndarray) -> None:
        packed[: self.size] = dense

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        return packed[: self.size].copy()


def aligned(size: int) -> np.ndarray:
    """Return float32 zeros (size,) that start at a multiple of 64 bytes."""
    raw: np.ndarray = np.zeros(size + 16, np.float32)
    skip = -raw.ctypes.data % 64 // 4
    return raw[skip : skip + size]


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    """Return the address of the first element; the caller keeps `array` alive."""
    return ctypes.c_void_p(array.ctypes.data)


def round_up(number: Any, step: int) -> Any:
    """Return the next multiple of `step` of an integer or an array of integers."""
    return -(-number // step) * step
