"""Training of fully-connected networks on one CPU core, over surviving weights only.

The arithmetic is in sparse_kernel.c; this module lays the data out for it.
"""

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from lth_core.networks.shapes import Layer, weight_layers
from lth_core.training.compile import compiler, load_kernel
from lth_core.training.state import Masks, Optimiser, State, Weights

GROUP = 16  # slots that the kernel updates together; examples are padded to this as well
DENSE_ROWS = 4  # output units per block in dense layers
DENSE_FROM = 0.6  # density from which blocks of DENSE_ROWS are faster than single units
PANEL = 128  # inputs per panel: with 64 examples each, they fit into the first cache
PANEL_FROM = 0.3  # density from which panels pay for their padding
CHUNK = 64  # examples evaluated at a time

# Names of the optimiser's moments; their order is that of `first` and `second` in the kernel.
MOMENTS = {"sgd": [], "momentum": ["velocity"], "adam": ["m", "v"]}


class Examples(Protocol):
    """Images (N, features) float32 and their labels (N,)."""

    images: np.ndarray
    labels: np.ndarray


class SparseEngine:
    """Runs one or more lanes of a fully-connected network; see `State` for what it holds."""

    name = "sparse"

    def __init__(
        self,
        network: dict[str, Any],
        optimiser: Optimiser,
        splits: Mapping[str, Examples],
        states: Sequence[State],
        masks: Sequence[Masks],
    ) -> None:
        """Lay out `states` under `masks` (one of each per lane).

        Raises CompilerMissing, and ValueError for what the kernel does not serve.
        """
        layers = weight_layers(network)
        if any(len(layer.shape) != 2 for layer in layers):
            raise ValueError("the sparse engine serves fully-connected networks only")
        self._kernel = load_kernel()
        self._optimiser = _Optimiser.of(optimiser)
        self._splits = {name: _split(name, split, layers) for name, split in splits.items()}
        names = MOMENTS[optimiser.name]
        self._lanes = [
            _Lane(layers, names, state, mask) for state, mask in zip(states, masks, strict=True)
        ]
        self._remembered = [lane.weights() for lane in self._lanes]
        self._scratch: dict[int, _Scratch] = {}
        self._layers = layers

    def train(self, batches: np.ndarray) -> None:
        """Do iterations on `batches`: int32 (lanes, iterations, batch), rows of split "train"."""
        images, labels = self._splits["train"]
        batches = np.ascontiguousarray(batches, np.int32)
        if batches.shape[0] != len(self._lanes) or batches.ndim != 3:
            raise ValueError(f"batches: shape {batches.shape} for {len(self._lanes)} lanes")
        if batches.size and not 0 <= batches.min() <= batches.max() < len(labels):
            raise ValueError(f"batches: row outside the {len(labels)} training examples")
        _, iterations, batch = batches.shape
        width = -(-batch // GROUP) * GROUP
        scratch = self._scratch_of(width)
        for lane, rows in zip(self._lanes, batches, strict=True):
            self._kernel.train(
                lane.pointers(scratch), len(self._layers), ctypes.byref(self._optimiser),
                _pointer(images), _pointer(labels), _pointer(rows), iterations, batch, width,
                ctypes.c_int64(lane.step), _pointer(scratch.inputs),
            )  # fmt: skip
            lane.step += iterations

    def evaluate(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy on `split`, each float64 (lanes,)."""
        images, labels = self._splits[split]
        scratch = self._scratch_of(CHUNK)
        losses, right = np.empty(len(self._lanes)), np.empty(len(self._lanes))
        for i, lane in enumerate(self._lanes):
            loss, correct = ctypes.c_double(), ctypes.c_int64()
            self._kernel.evaluate(
                lane.pointers(scratch), len(self._layers), _pointer(images), _pointer(labels),
                len(labels), CHUNK, _pointer(scratch.inputs), ctypes.byref(loss),
                ctypes.byref(correct),
            )  # fmt: skip
            losses[i], right[i] = loss.value, correct.value
        return losses / len(labels), right / len(labels)

    def evaluate_weights(
        self, weights: Sequence[Weights], split: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """Like `evaluate`, for the given weights under the lanes' masks."""
        current = [lane.weights() for lane in self._lanes]
        try:
            for lane, given in zip(self._lanes, weights, strict=True):
                lane.set_weights(given)
            return self.evaluate(split)
        finally:
            for lane, before in zip(self._lanes, current, strict=True):
                lane.set_weights(before)

    def remember(self, lane: int) -> None:
        """Keep a copy of the weights of `lane` in place of the one kept before."""
        self._remembered[lane] = self._lanes[lane].weights()

    def remembered(self) -> list[Weights]:
        """Return the weights kept last per lane (those at the start if none were)."""
        return self._remembered

    def states(self) -> list[State]:
        """Return a copy of the lanes' states, in dense layout."""
        return [lane.state() for lane in self._lanes]

    @property
    def description(self) -> dict[str, str]:
        """What the manifest records of this engine."""
        return {"engine": self.name, "compiler": compiler(), "device": "cpu", "threads": "1"}

    def _scratch_of(self, width: int) -> "_Scratch":
        if width not in self._scratch:
            self._scratch[width] = _Scratch(self._layers, width)
        return self._scratch[width]


class _Optimiser(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_int32),
        *((name, ctypes.c_double) for name in ("learning_rate", "momentum")),
        *((name, ctypes.c_double) for name in ("beta1", "beta2", "epsilon")),
    ]

    @classmethod
    def of(cls, o: Optimiser) -> "_Optimiser":
        kind = len(MOMENTS[o.name])
        return cls(kind, o.learning_rate, o.momentum, o.beta1, o.beta2, o.epsilon)


class _LayerPointers(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int32) for name in ("inputs", "outputs", "rows", "blocks")),
        *((name, ctypes.c_void_p) for name in ("unit", "start", "column", "alive")),
        *((name, ctypes.c_void_p) for name in ("weight", "first", "second")),
        *((name, ctypes.c_void_p) for name in ("bias", "bias_first", "bias_second")),
        *((name, ctypes.c_void_p) for name in ("output", "gradient")),
    ]


class _Scratch:
    """Activations and their gradients for batches of `width` (padded) examples."""

    def __init__(self, layers: list[Layer], width: int) -> None:
        self.inputs = _aligned(layers[0].fan_in * width)
        sizes = [_round_up(layer.shape[0], DENSE_ROWS) * width for layer in layers]
        self.outputs = [_aligned(size) for size in sizes]
        self.gradients = [_aligned(size) for size in sizes]


class _Slots:
    """Where the surviving weights of one layer lie in the kernel's arrays.

    The kernel's slots are [column][rows], `column` running through the blocks; see there.
    """

    def __init__(self, mask: np.ndarray) -> None:
        self.shape = outputs, inputs = mask.shape
        dense = mask.mean() >= DENSE_FROM
        self.rows = DENSE_ROWS if dense else 1
        panel = PANEL if mask.mean() >= PANEL_FROM else inputs
        padded = np.zeros((_round_up(outputs, self.rows), _round_up(inputs, panel)), bool)
        padded[:outputs, :inputs] = mask
        # used: (panel, block of units, input within the panel), in the kernel's order
        used = padded.reshape(-1, self.rows, padded.shape[1] // panel, panel)
        used = used.any(axis=1).transpose(1, 0, 2)
        counts = _round_up(used.sum(axis=2).reshape(-1), GROUP // self.rows)
        self.start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        self.unit = np.tile(np.arange(0, len(padded), self.rows, np.int32), len(used))
        at_panel, at_block, within = np.nonzero(used)
        block = at_panel * used.shape[1] + at_block
        slot = self.start[block] + np.arange(len(block)) - np.searchsorted(block, block)
        column = at_panel * panel + within
        self.column = np.zeros(self.start[-1], np.int32)
        self.column[slot] = column
        # Of every surviving weight: its slot here and its place in the dense array.
        row = self.unit[block][:, None] + np.arange(self.rows)
        survives = padded[row, column[:, None]]
        self.slot = (slot[:, None] * self.rows + np.arange(self.rows))[survives]
        self.place = (row * inputs + column[:, None])[survives]
        self.size = len(self.column) * self.rows
        alive = np.zeros(self.size, bool)
        alive[self.slot] = True
        self.alive = np.packbits(alive, bitorder="little").view("<u2")

    def pack(self, dense: np.ndarray, packed: np.ndarray) -> None:
        packed[self.slot] = dense.reshape(-1)[self.place]

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        dense = np.zeros(self.shape, np.float32)
        dense.reshape(-1)[self.place] = packed[self.slot]
        return dense


class _Everything:
    """The trivial counterpart of _Slots for biases."""

    def __init__(self, size: int) -> None:
        self.size = size

    def pack(self, dense: np.ndarray, packed: np.ndarray) -> None:
        packed[: self.size] = dense

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        return packed[: self.size].copy()


class _Lane:
    """One run: its packed weights and moments, by name."""

    def __init__(self, layers: list[Layer], moments: list[str], state: State, masks: Masks) -> None:
        self.layers = layers
        self.moments = moments
        self.step = state.step
        self.slots: dict[str, _Slots | _Everything] = {}
        self.packed: dict[str, np.ndarray] = {}
        for layer in layers:
            slots = _Slots(_checked_mask(masks, layer))
            everything = _Everything(layer.shape[0])
            sizes = {layer.weight: slots.size, layer.bias: _round_up(layer.shape[0], GROUP)}
            self.slots |= {layer.weight: slots, layer.bias: everything}
            for name, size in sizes.items():
                for key in [name, *(f"{name}.{moment}" for moment in moments)]:
                    self.packed[key] = _aligned(size)
        self.set_weights(state.weights)
        for name, slots_of in self.slots.items():
            for moment in moments:
                if state.step or state.moments:
                    key = f"{name}.{moment}"
                    slots_of.pack(state.moments[key], self.packed[key])

    def set_weights(self, weights: Weights) -> None:
        for name, slots in self.slots.items():
            slots.pack(weights[name], self.packed[name])

    def weights(self) -> Weights:
        return {name: slots.unpack(self.packed[name]) for name, slots in self.slots.items()}

    def state(self) -> State:
        moments = {
            f"{name}.{moment}": slots.unpack(self.packed[f"{name}.{moment}"])
            for name, slots in self.slots.items()
            for moment in self.moments
        }
        return State(self.weights(), moments, self.step)

    def pointers(self, scratch: _Scratch) -> ctypes.Array[_LayerPointers]:
        result = (_LayerPointers * len(self.layers))()
        for i, layer in enumerate(self.layers):
            slots = self.slots[layer.weight]
            assert isinstance(slots, _Slots)
            result[i] = _LayerPointers(
                layer.fan_in, layer.shape[0], slots.rows, len(slots.start) - 1,
                _pointer(slots.unit), _pointer(slots.start), _pointer(slots.column),
                _pointer(slots.alive),
                *self._arrays(layer.weight), *self._arrays(layer.bias),
                _pointer(scratch.outputs[i]), _pointer(scratch.gradients[i]),
            )  # fmt: skip
        return result

    def _arrays(self, name: str) -> list[ctypes.c_void_p | None]:
        keys = [name, *(f"{name}.{moment}" for moment in self.moments)]
        pointers: list[ctypes.c_void_p | None] = [_pointer(self.packed[key]) for key in keys]
        return pointers + [None] * (3 - len(pointers))


def _split(name: str, split: Examples, layers: list[Layer]) -> tuple[np.ndarray, np.ndarray]:
    images, labels = split.images, np.ascontiguousarray(split.labels, np.int32)
    features, classes = layers[0].fan_in, layers[-1].shape[0]
    if images.dtype != np.float32 or not images.flags.c_contiguous:
        raise ValueError(f"split {name}: images must be contiguous float32")
    if images.shape != (len(labels), features):
        raise ValueError(f"split {name}: images {images.shape}, not {(len(labels), features)}")
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"split {name}: label outside 0..{classes - 1}")
    return images, labels


def _checked_mask(masks: Masks, layer: Layer) -> np.ndarray:
    mask = masks[layer.weight]
    if mask.shape != layer.shape or mask.dtype != bool:
        raise ValueError(f"mask {layer.weight}: {mask.dtype} {mask.shape}, not bool {layer.shape}")
    return mask


def _aligned(size: int) -> np.ndarray:
    """Return float32 zeros (size,) that start at a multiple of 64 bytes."""
    raw = np.zeros(size + 16, np.float32)
    skip = -raw.ctypes.data % 64 // 4
    return raw[skip : skip + size]


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _round_up(number: Any, step: int) -> Any:
    return -(-number // step) * step
