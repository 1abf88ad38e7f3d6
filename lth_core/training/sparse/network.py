"""A network as the kernel sees it: the structs of program.h, for one lane."""

import ctypes
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np

from lth_core.networks.shapes import RUNNING, Layer
from lth_core.training.sparse.convolution import TILE_FLOATS, ListPointers
from lth_core.training.sparse.lane import Lane
from lth_core.training.sparse.layout import GROUP, aligned, pointer, round_up
from lth_core.training.sparse.memory import Memory
from lth_core.training.sparse.program import Ending, Kind, Operation, Use

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


class Network:
    """The kernel's view of one lane, with `memory` for its activations."""

    def __init__(self, lane: Lane, memory: Memory) -> None:
        self._lane, self.memory, self._program = lane, memory, memory.program
        self._kept: list[object] = []  # what the kernel's structs point to
        windows, training = self._program.windows, memory.training
        self._slots = {layer: lane.convolution(layer) for layer in windows}
        of_gradient = self._slots.items() if training else ()
        self._sums = {layer: self._array(s.size // 4 * NATIVE) for layer, s in of_gradient}
        self._mirrors = {layer: self._array(len(s.mirror)) for layer, s in of_gradient}
        self._gradients = {
            f"{layer.name}.{name}": self._array(int(round_up(layer.shape[0], GROUP)))
            for layer in windows
            for name in (("scale", "shift") if layer.batch_norm else ("bias",))
        }
        widest = [max(x.shape[0], z.shape[0]) for _, x, z in windows.values()]
        self._tiles = self._array(max([0, *widest]) * TILE_FLOATS)
        self._norms = {layer: self._norm(layer) for layer in windows if layer.batch_norm}
        ways = (False, True) if training else (False,)
        self._lists = {(layer, way): self._list(layer, way) for layer in windows for way in ways}
        self.pointers = self._network()

    def mirror(self) -> None:
        """Copy the weights of the convolutions to where the input gradient reads them."""
        for layer, slots in self._slots.items():
            self._mirrors[layer][:] = self._lane.packed[layer.weight][slots.mirror]

    def _network(self) -> NetworkPointers:
        program, memory = self._program, self.memory
        backward, trained = program.backward, list(program.windows)
        if not memory.training:
            backward, trained = [], []
        forward = self._structs(OperationPointers, map(self._operation, program.forward))
        back = self._structs(OperationPointers, map(self._operation, backward))
        kernels = self._structs(KernelPointers, map(self._kernel, trained))
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
            if kind == Kind.WEIGHT_GRADIENT:
                made.sums = pointer(self._sums[layer])
            if not (layer.batch_norm or operation.mirrored):
                made.bias = pointer(self._lane.packed[layer.bias])
                made.bias_gradient = pointer(self._gradients[layer.bias])
        elif layer is not None:
            made.norm = ctypes.addressof(self._norms[layer])
        pools = kind == Kind.MAX_POOL or operation.ending == Ending.POOL
        pooled = operation.source if kind == Kind.MAX_POOL_BACKWARD else operation.to
        if pooled and (pools or kind == Kind.MAX_POOL_BACKWARD):
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
