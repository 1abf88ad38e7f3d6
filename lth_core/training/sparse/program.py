"""Translates a network into the sparse kernel's operations on planes; see program.h.

Nothing here lies in memory yet: operations name values, and what of them they use.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from lth_core.networks.shapes import Layer, Step, padding, steps
from lth_core.training.sparse.convolution import Window
from lth_core.training.sparse.planes import Border

Shape = tuple[int, int, int]


class Kind(IntEnum):
    """The kernel's enum Kind, in its order."""

    INPUT = 0
    CONVOLVE = 1
    WEIGHT_GRADIENT = 2
    RELU_BACKWARD = 3
    SPLIT = 4
    MERGE = 5
    MULTIPLY = 6
    MAX_POOL = 7
    MAX_POOL_BACKWARD = 8
    AVERAGE_POOL = 9
    AVERAGE_POOL_BACKWARD = 10
    NORM_STATISTICS = 11
    NORMALISE = 12
    NORM_BACKWARD_SUMS = 13
    NORM_BACKWARD = 14


class Ending(IntEnum):
    """The kernel's enum Ending: how an operation writes its result."""

    STORE = 0
    RELU = 1
    ADD = 2
    MASK = 3
    POOL = 4


@dataclass(eq=False)
class Value:
    """What flows between operations: images of `shape` (channels, height, width).

    trained: whether it depends on anything trained, so that its gradient is needed.
    """

    shape: Shape
    trained: bool = True
    border: Border = field(default_factory=Border)
    gradient_border: Border = field(default_factory=Border)


@dataclass(frozen=True)
class Use:
    """A value, or its gradient."""

    value: Value
    gradient: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation of the kernel. layer: whose weights or norm it uses."""

    kind: Kind
    to: Use | None
    source: Use | None = None
    beside: Use | None = None
    other: Use | None = None
    size: int = 0
    ending: Ending = Ending.STORE
    layer: Layer | None = None
    mirrored: bool = False
    stage: int = 0


@dataclass
class Program:
    """A network's operations up to its dense layers.

    forward, backward: in order; those of one stage go chunk by chunk. output: what the dense
    layers take. windows: of each convolution, its input and its output. dropout: for each dropout
    layer its noise, or the dense layer whose output it multiplies.
    """

    forward: list[Operation]
    backward: list[Operation]
    output: Value
    windows: dict[Layer, tuple[Window, Value, Value]]
    dense: list[Layer]
    dropout: list[Value | Layer]


def program(network: dict[str, Any]) -> Program:
    """Return the operations of `network`, an architecture with its defaults."""
    return _Builder().program(steps(network))


class _Builder:
    def __init__(self) -> None:
        self._forward: list[Operation] = []
        self._backward: list[list[Operation]] = []  # what each step adds to the way back
        self._windows: dict[Layer, tuple[Window, Value, Value]] = {}
        self._dense: list[Layer] = []
        self._noises: list[Value | Layer] = []

    def program(self, network: Sequence[Step]) -> Program:
        """Walk through the network."""
        add = {
            "conv": self._conv,
            "residual": self._residual,
            "max_pool": self._pool,
            "average_pool": self._pool,
            "dropout": self._dropout,
            "dense": self._dense_layer,
            "output": self._dense_layer,
        }
        x = Value(_image(network[0].input), trained=False)
        self._forward.append(Operation(Kind.INPUT, Use(x)))
        for step in network:
            x = add[step.spec["type"]](step, x)
        backward = [operation for group in reversed(self._backward) for operation in group]
        return Program(
            forward=_staged(_pooling(self._forward), Kind.NORMALISE),
            backward=_staged(_fused(_accumulating(backward)), Kind.NORM_BACKWARD),
            output=x,
            windows=self._windows,
            dense=self._dense,
            dropout=self._noises,
        )

    def _conv(self, step: Step, x: Value) -> Value:
        [layer], spec = step.layers, step.spec
        window = Window(spec["kernel"], spec["stride"], padding(spec))
        x, shape = self._split(x, window.stride), _image(step.output)
        if layer.batch_norm:
            return self._normalise(layer, self._convolve(layer, window, x, shape))
        y, z = Value(shape), Value(shape)
        self._windows[layer] = window, x, z
        self._forward.append(
            Operation(Kind.CONVOLVE, Use(y), Use(x), ending=Ending.RELU, layer=layer)
        )
        rectified = Operation(Kind.RELU_BACKWARD, Use(z, True), Use(y, True), beside=Use(y))
        self._backward.append([rectified, *_convolve_backward(layer, x, z)])
        return y

    def _residual(self, step: Step, x: Value) -> Value:
        """A residual block (He et al., 2016)."""
        first, second, *shortcut = step.layers
        stride, shape = step.spec["stride"], _image(step.output)
        phases = self._split(x, stride)
        y = self._normalise(first, self._convolve(first, Window(3, stride, 1), phases, shape))
        for layer in shortcut:
            z = self._convolve(layer, Window(1, stride, 0), phases, shape)
            x = self._normalise(layer, z, ending=Ending.STORE)
        z = self._convolve(second, Window(3, 1, 1), y, shape)
        return self._normalise(second, z, shortcut=x)

    def _pool(self, step: Step, x: Value) -> Value:
        largest = step.spec["type"] == "max_pool"
        forward = Kind.MAX_POOL if largest else Kind.AVERAGE_POOL
        backward = Kind.MAX_POOL_BACKWARD if largest else Kind.AVERAGE_POOL_BACKWARD
        y, size = Value(_image(step.output), x.trained), step.spec["size"]
        self._forward.append(Operation(forward, Use(y), Use(x), size=size))
        if x.trained:
            self._backward.append([Operation(backward, Use(x, True), Use(y, True), size=size)])
        return y

    def _dropout(self, _: Step, x: Value) -> Value:
        if self._dense:
            self._noises.append(self._dense[-1])
            return x
        noise, y = Value(x.shape), Value(x.shape, x.trained)
        self._noises.append(noise)
        self._forward.append(Operation(Kind.MULTIPLY, Use(y), Use(x), beside=Use(noise)))
        if x.trained:
            back = Operation(Kind.MULTIPLY, Use(x, True), Use(y, True), beside=Use(noise))
            self._backward.append([back])
        return y

    def _dense_layer(self, step: Step, x: Value) -> Value:
        self._dense += step.layers
        return x

    def _split(self, x: Value, stride: int) -> Value:
        """Return `x` as a convolution of this stride reads it."""
        if stride == 1:
            return x
        channels, height, width = x.shape
        shape = (channels * stride**2, -(-height // stride), -(-width // stride))
        y = Value(shape, x.trained)
        self._forward.append(Operation(Kind.SPLIT, Use(y), Use(x), size=stride))
        if x.trained:
            self._backward.append([Operation(Kind.MERGE, Use(x, True), Use(y, True), size=stride)])
        return y

    def _convolve(self, layer: Layer, window: Window, x: Value, shape: Shape) -> Value:
        """Convolve, without a bias: a norm follows."""
        z = Value(shape)
        self._windows[layer] = window, x, z
        self._forward.append(Operation(Kind.CONVOLVE, Use(z), Use(x), layer=layer))
        self._forward.append(Operation(Kind.NORM_STATISTICS, None, Use(z), layer=layer))
        self._backward.append(_convolve_backward(layer, x, z))
        return z

    def _normalise(
        self,
        layer: Layer,
        z: Value,
        shortcut: Value | None = None,
        ending: Ending = Ending.RELU,
    ) -> Value:
        y = Value(z.shape)
        added = None if shortcut is None else Use(shortcut)
        self._forward.append(
            Operation(Kind.NORMALISE, Use(y), Use(z), added, ending=ending, layer=layer)
        )
        passed = None if shortcut is None or not shortcut.trained else Use(shortcut, True)
        output = Use(y) if ending == Ending.RELU else None
        self._backward.append(
            [
                Operation(
                    Kind.NORM_BACKWARD_SUMS, Use(y, True), Use(z), output, passed, layer=layer
                ),
                Operation(Kind.NORM_BACKWARD, Use(z, True), Use(z), Use(y, True), layer=layer),
            ]
        )
        return y


def _convolve_backward(layer: Layer, x: Value, z: Value) -> list[Operation]:
    weights = Operation(Kind.WEIGHT_GRADIENT, None, Use(x), Use(z, True), layer=layer)
    inputs = Operation(Kind.CONVOLVE, Use(x, True), Use(z, True), layer=layer, mirrored=True)
    return [weights, inputs] if x.trained else [weights]


def _image(shape: Sequence[int]) -> Shape:
    channels, height, width = [*shape, 1, 1][:3]
    return channels, height, width


def _accumulating(operations: list[Operation]) -> list[Operation]:
    """Return `operations` where a second gradient of a value is added to its first."""
    written: set[Value] = set()
    result = []
    for operation in operations:
        if operation.kind == Kind.CONVOLVE:
            assert operation.to is not None
            if operation.to.value in written:
                operation = replace(operation, ending=Ending.ADD)
        written |= {use.value for use in (operation.to, operation.other) if use and use.gradient}
        result.append(operation)
    return result


def _pooling(operations: list[Operation]) -> list[Operation]:
    """Return `operations` where a convolution pools what it rectifies, if it can."""
    result: list[Operation] = []
    for operation in operations:
        last = result[-1] if result else operation
        rectified = last.kind == Kind.CONVOLVE and last.ending == Ending.RELU
        if rectified and operation.kind == Kind.MAX_POOL and operation.size == 2:
            result[-1] = replace(last, to=operation.to, ending=Ending.POOL)
        else:
            result.append(operation)
    return result


def _fused(operations: list[Operation]) -> list[Operation]:
    """Return `operations` where a gradient is rectified as it is written, if it can be."""
    result: list[Operation] = []
    for operation in operations:
        last = result[-1] if result else operation
        if operation.kind == Kind.RELU_BACKWARD and last.to == operation.source:
            if last.kind == Kind.CONVOLVE and last.ending == Ending.STORE:
                last = replace(last, beside=operation.beside, ending=Ending.MASK)
                result[-1] = replace(last, to=operation.to)
                continue
            if last.kind == Kind.MAX_POOL_BACKWARD:  # a pool's output is one of its inputs
                assert last.source is not None
                pooled = Use(last.source.value)
                result[-1] = replace(last, beside=pooled, to=operation.to)
                continue
        result.append(operation)
    return result


def _staged(operations: list[Operation], first: Kind) -> list[Operation]:
    """Return `operations` with their stages, each of which begins with one of kind `first`."""
    stage, result = 0, []
    for operation in operations:
        stage += operation.kind == first
        result.append(replace(operation, stage=stage))
    return result
