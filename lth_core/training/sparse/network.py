"""A network in memory: planes for what its operations use, and the kernel's view of a lane."""

import ctypes
from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, TypeVar

import numpy as np

from lth_core.networks.shapes import RUNNING, Layer
from lth_core.training.sparse.convolution import TILE_FLOATS, ListPointers, grow_borders
from lth_core.training.sparse.lane import Lane
from lth_core.training.sparse.layout import GROUP, Scratch, aligned, pointer, round_up
from lth_core.training.sparse.planes import Planes, bordered, flat
from lth_core.training.sparse.program import Kind, Operation, Program, Use, Value

_Struct = TypeVar("_Struct", bound=ctypes.Structure)
NATIVE = 16  # floats of the longest register that the kernel may have


def _pointers(*names: str) -> list[tuple[str, type]]:
    return [(name, ctypes.c_void_p) for name in names]


def _integers(*names: str) -> list[tuple[str, type]]:
    return [(name, ctypes.c_int32) for name in names]


class OperationPointers(ctypes.Structure):
    """The kernel's struct Operation."""

    _fields_ = [
        *_integers("kind", "stage", "size", "ending"),
        *_pointers("source", "to", "beside", "other", "lists", "norm"),
        *_pointers("bias", "bias_gradient", "sums", "choice"),
    ]


class KernelPointers(ctypes.Structure):
    """The kernel's struct Kernel."""

    _fields_ = [
        *_integers("slots", "mirrored"),
        *_pointers("alive", "weight", "first", "second", "sums", "mirror", "mirror_weight"),
    ]


class VectorPointers(ctypes.Structure):
    """The kernel's struct Vector."""

    _fields_ = [*_integers("size"), *_pointers("value", "gradient", "first", "second")]


class NormPointers(ctypes.Structure):
    """The kernel's struct Norm."""

    _fields_ = [
        *_integers("channels"),
        *_pointers("scale", "shift", "running_mean", "running_var"),
        *_pointers("scale_gradient", "shift_gradient", "mean", "inverse", "multiply"),
        *_pointers("of_gradient", "of_input", "constant", "partial"),
    ]


class NetworkPointers(ctypes.Structure):
    """The kernel's struct Network."""

    _fields_ = [
        *_integers("forward_length", "backward_length", "kernels", "vectors", "depth", "width"),
        *_pointers("forward", "backward", "kernel", "vector", "dense"),
        *_pointers("dense_input", "dense_gradient"),
    ]


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


class Network:
    """The kernel's view of one lane, with `memory` for its activations."""

    def __init__(self, lane: Lane, memory: Memory) -> None:
        self._lane, self.memory, self._program = lane, memory, memory.program
        self._kept: list[object] = []  # what the kernel's structs point to
        windows = self._program.windows
        self._slots = {layer: lane.convolution(layer) for layer in windows}
        self._sums = {k: self._array(s.size // 4 * NATIVE) for k, s in self._slots.items()}
        self._mirrors = {k: self._array(len(s.mirror)) for k, s in self._slots.items()}
        self._gradients = {
            f"{layer.name}.{name}": self._array(int(round_up(layer.shape[0], GROUP)))
            for layer in windows
            for name in (("scale", "shift") if layer.batch_norm else ("bias",))
        }
        widest = [max(x.shape[0], z.shape[0]) for _, x, z in windows.values()]
        self._tiles = self._array(max([0, *widest]) * TILE_FLOATS)
        self._norms = {layer: self._norm(layer) for layer in windows if layer.batch_norm}
        self._lists = {(layer, m): self._list(layer, m) for layer in windows for m in (False, True)}
        self.pointers = self._network()

    def mirror(self) -> None:
        """Copy the weights of the convolutions to where the input gradient reads them."""
        for layer, slots in self._slots.items():
            self._mirrors[layer][:] = self._lane.packed[layer.weight][slots.mirror]

    def _network(self) -> NetworkPointers:
        program, memory = self._program, self.memory
        backward = program.backward if memory.training else []
        forward = self._structs(OperationPointers, map(self._operation, program.forward))
        back = self._structs(OperationPointers, map(self._operation, backward))
        kernels = self._structs(KernelPointers, map(self._kernel, program.windows))
        vectors = self._structs(VectorPointers, map(self._vector, self._gradients))
        dense = self._lane.pointers(program.dense, memory.dense)
        self._kept.append(dense)
        for layer, pointers in zip(program.dense, dense, strict=True):
            pointers.dropout = memory.dropout(layer)
        arrays: list[ctypes.Array[Any]] = [forward, back, kernels, vectors, dense]
        gradient = program.output.trained and memory.training
        return NetworkPointers(
            len(forward), len(back), len(kernels), len(vectors), len(dense), memory.width,
            *map(ctypes.addressof, arrays),
            pointer(memory.dense.inputs), pointer(memory.dense_gradient) if gradient else None,
        )  # fmt: skip

    def _operation(self, operation: Operation) -> OperationPointers:
        kind, layer = operation.kind, operation.layer
        uses = (operation.source, operation.to, operation.beside, operation.other)
        planes = [use and ctypes.addressof(self.memory.planes(use)) for use in uses]
        made = OperationPointers(kind, operation.stage, operation.size, operation.ending, *planes)
        if not self.memory.training:
            made.stage = 0  # nothing waits for a whole batch
        if kind in (Kind.CONVOLVE, Kind.WEIGHT_GRADIENT):
            assert layer is not None
            made.lists = ctypes.addressof(self._lists[layer, operation.mirrored])
            made.sums = pointer(self._sums[layer])
            if not (layer.batch_norm or operation.mirrored):
                made.bias = pointer(self._lane.packed[layer.bias])
                made.bias_gradient = pointer(self._gradients[layer.bias])
        elif layer is not None:
            made.norm = ctypes.addressof(self._norms[layer])
        pooled = {Kind.MAX_POOL: operation.to, Kind.MAX_POOL_BACKWARD: operation.source}.get(kind)
        if pooled:
            made.choice = pointer(self.memory.choice(pooled.value))
        return made

    def _list(self, layer: Layer, mirrored: bool) -> ListPointers:
        slots, (_, x, z) = self._slots[layer], self._program.windows[layer]
        if mirrored:
            lists, weight = slots.mirrored, self._mirrors[layer]
            offsets = slots.mirrored_offsets(self.memory.planes(Use(z, True)))
        else:
            lists, weight = slots.lists, self._lane.packed[layer.weight]
            offsets = slots.offsets(self.memory.planes(Use(x)))
        self._kept.append(offsets)
        return lists.pointers(offsets, weight, self._tiles)

    def _kernel(self, layer: Layer) -> KernelPointers:
        slots = self._slots[layer]
        return KernelPointers(
            slots.size, len(slots.mirror), pointer(slots.alive),
            *self._lane.arrays(layer.weight), pointer(self._sums[layer]),
            pointer(slots.mirror), pointer(self._mirrors[layer]),
        )  # fmt: skip

    def _vector(self, name: str) -> VectorPointers:
        gradient = self._gradients[name]
        value, *moments = self._lane.arrays(name)
        return VectorPointers(len(gradient), value, pointer(gradient), *moments)

    def _norm(self, layer: Layer) -> NormPointers:
        channels = layer.shape[0]
        of_lane = [
            self._lane.packed[f"{layer.name}.{name}"] for name in ("scale", "shift", *RUNNING)
        ]
        gradients = [self._gradients[f"{layer.name}.{name}"] for name in ("scale", "shift")]
        scratch = [self._array(channels) for _ in range(6)]
        partial = self._array(4 * channels * self.memory.width // GROUP)  # doubles
        arrays = [*of_lane, *gradients, *scratch, partial]
        return NormPointers(channels, *map(pointer, arrays))

    def _array(self, size: int) -> np.ndarray:
        array = aligned(size)
        self._kept.append(array)
        return array

    def _structs(self, kind: type[_Struct], made: Iterable[_Struct]) -> ctypes.Array[_Struct]:
        structs = list(made)
        array = (kind * len(structs))(*structs)
        self._kept.append(array)
        return array
