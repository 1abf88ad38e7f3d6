"""Layout of a convolution's surviving weights in the sparse kernel; convolution.h says why."""

import ctypes
from dataclasses import dataclass
from math import ceil

import numpy as np

from lth_core.training.sparse.layout import GROUP, PackedSlots, pointer, round_up
from lth_core.training.sparse.planes import Border, Planes, Side

PANEL = 16  # channels at least: their pixels around a tile fit into the first cache
TILE_FLOATS = 16 * GROUP  # of the largest tile
FOUR = 4  # weights of a list whose gradients the kernel sums together
LIST = 18  # weights a list should have, to be worth loading and storing the sums of a tile


class ListPointers(ctypes.Structure):
    """The kernel's struct Lists."""

    _fields_ = [
        *((name, ctypes.c_int32) for name in ("outputs", "panels")),
        *((name, ctypes.c_void_p) for name in ("start", "count", "offset", "weight", "sums")),
    ]


@dataclass(frozen=True)
class Window:
    """How a convolution moves over an image.

    A strided one reads the image split into stride x stride phases (`split_phases`), in which tap
    k of a row or column lies `shift[k]` places further on in phase `phase[k]`.
    """

    kernel: int
    stride: int
    padding: int

    @property
    def shift(self) -> np.ndarray:
        """Places by which each tap is off, (kernel,)."""
        return (np.arange(self.kernel) - self.padding) // self.stride

    @property
    def phase(self) -> np.ndarray:
        """Phase of each tap, (kernel,)."""
        return (np.arange(self.kernel) - self.padding) % self.stride

    def reach(self, read: Side, made: Side, tile: int, mirrored: bool) -> tuple[Side, Side]:
        """Return the rows and columns before and after an image of size `read` that are read.

        made: size of what is made of it, tile by tile. mirrored: for the input gradient.
        """
        shift = -self.shift if mirrored else self.shift
        last = [int(round_up(side, tile)) - 1 + int(shift.max()) for side in made]
        before = max(0, -int(shift.min()))
        after = [max(0, end - (side - 1)) for end, side in zip(last, read, strict=True)]
        return (before, before), (after[0], after[1])


def grow_borders(
    window: Window, read: Side, made: Side, of_input: Border, of_gradient: Border, tiles: Side
) -> None:
    """Make room for the taps around a convolution's input and its output's gradient."""
    of_input.grow(*window.reach(read, made, tiles[0], mirrored=False))
    of_gradient.grow(*window.reach(made, read, tiles[1], mirrored=True))
    rows, columns = (int(round_up(side, tiles[0])) - side for side in made)
    of_gradient.grow((0, 0), (rows, columns))  # whole tiles of it give the weights' gradient


class ConvolutionSlots(PackedSlots):
    """Where the surviving weights of a convolution lie, and the lists that lead to them.

    mirror: the slot of each weight of the mirrored lists, by which the input gradient is made.
    """

    def __init__(self, mask: np.ndarray, window: Window) -> None:
        self._window = window
        place = np.flatnonzero(mask).astype(np.int32)
        output, channel, _, _ = _taps(place, mask.shape, window)
        outputs, channels = mask.shape[0], mask.shape[1] * window.stride**2
        self.lists = _Lists(output, channel, outputs, channels, FOUR)
        self.mirrored = _Lists(channel, output, channels, outputs, 1)
        super().__init__(
            mask.shape, self.lists.slot, place, size=int(round_up(self.lists.size, GROUP))
        )
        self.mirror = np.zeros(self.mirrored.size, np.int32)
        self.mirror[self.mirrored.slot] = self.slot

    def offsets(self, planes: Planes) -> np.ndarray:
        """Return where the lists find each weight's pixels in the planes that they read."""
        _, channel, row, column = _taps(self.place, self.shape, self._window)
        inside = row * planes.row + column * GROUP
        return self.lists.in_slots(channel * planes.channel + inside)

    def mirrored_offsets(self, planes: Planes) -> np.ndarray:
        """Return where the mirrored lists find theirs, in the gradient of the output."""
        output, _, row, column = _taps(self.place, self.shape, self._window)
        inside = row * planes.row + column * GROUP
        return self.mirrored.in_slots(output * planes.channel - inside)


def _taps(
    place: np.ndarray, shape: tuple[int, ...], window: Window
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return each weight's output, channel of the phases, and shifts of row and column."""
    output, channel, row, column = np.unravel_index(place, shape)
    phase = window.phase[row] * window.stride + window.phase[column]
    return output, channel * window.stride**2 + phase, window.shift[row], window.shift[column]


class _Lists:
    """Weights by panel of what they read and by what they add to."""

    def __init__(
        self, output: np.ndarray, channel: np.ndarray, outputs: int, channels: int, multiple: int
    ) -> None:
        self.outputs = outputs
        in_channel = max(1, len(output)) / (outputs * channels)  # weights of an output
        panel = max(PANEL, ceil(LIST / in_channel))
        self.panels = ceil(channels / panel)
        panel = ceil(channels / self.panels)
        of_list = channel // panel * outputs + output
        self.count = np.bincount(of_list, minlength=self.panels * outputs).astype(np.int32)
        ends = np.cumsum(round_up(self.count, multiple))
        self.start = (ends - round_up(self.count, multiple)).astype(np.int32)
        self.size = int(ends[-1])
        order = np.lexsort((channel, of_list))
        rank = np.arange(len(order)) - np.repeat(np.cumsum(self.count) - self.count, self.count)
        self.slot = np.empty(len(order), np.int32)
        self.slot[order] = self.start[of_list[order]] + rank

    def in_slots(self, offsets: np.ndarray) -> np.ndarray:
        """Return int32 offsets in the order of the slots; those that pad read the first pixel."""
        placed = np.zeros(max(1, round_up(self.size, GROUP)), np.int32)
        placed[self.slot] = offsets
        return placed

    def pointers(self, offsets: np.ndarray, weight: np.ndarray, sums: np.ndarray) -> ListPointers:
        """Return the kernel's view; the caller keeps the arrays alive."""
        arrays = (self.start, self.count, offsets, weight, sums)
        return ListPointers(self.outputs, self.panels, *map(pointer, arrays))
