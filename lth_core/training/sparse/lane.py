"""One run as the sparse kernel holds it: packed weights and moments."""

import ctypes
from collections.abc import Mapping, Sequence

import numpy as np

from lth_core.networks.shapes import Layer, Masks, Weights, is_running
from lth_core.training.sparse.convolution import ConvolutionSlots, Window
from lth_core.training.sparse.layout import (
    DENSE_ROWS,
    BiasSlots,
    LayerPointers,
    Scratch,
    WeightSlots,
    aligned,
    pointer,
    round_up,
)
from lth_core.training.state import State

Slots = WeightSlots | ConvolutionSlots | BiasSlots


class Lane:
    """One run: its packed parameters, running statistics and moments, by name."""

    def __init__(
        self,
        layers: Sequence[Layer],
        windows: Mapping[Layer, Window],
        moments: Sequence[str],
        state: State,
        masks: Masks,
    ) -> None:
        """Pack `state` under `masks`. windows: how the convolutions among `layers` move."""
        self.moments = moments
        self.step = state.step
        self.slots: dict[str, Slots] = {}
        self.packed: dict[str, np.ndarray] = {}
        for layer in layers:
            mask = _checked_mask(masks, layer)
            window = windows.get(layer)
            weight = WeightSlots(mask) if window is None else ConvolutionSlots(mask, window)
            self._add(layer.weight, weight, weight.size)
            for name in list(layer.tensors)[1:]:
                self._add(name, BiasSlots(layer.shape[0]), round_up(layer.shape[0], DENSE_ROWS))
        self.set_weights(state.weights)
        if state.step or state.moments:  # a fresh run need not bring its zeros
            for name, slots in self.slots.items():
                for key in self._keys(name)[1:]:
                    slots.pack(state.moments[key], self.packed[key])

    def set_weights(self, weights: Weights) -> None:
        """Take these weights, in dense layout."""
        for name, slots in self.slots.items():
            slots.pack(weights[name], self.packed[name])

    def weights(self) -> Weights:
        """Return a copy of the weights, in dense layout."""
        return {name: slots.unpack(self.packed[name]) for name, slots in self.slots.items()}

    def state(self) -> State:
        """Return a copy of everything, in dense layout."""
        moments = {
            key: slots.unpack(self.packed[key])
            for name, slots in self.slots.items()
            for key in self._keys(name)[1:]
        }
        return State(self.weights(), moments, self.step)

    def convolution(self, layer: Layer) -> ConvolutionSlots:
        """Return where the weights of a convolution lie."""
        slots = self.slots[layer.weight]
        assert isinstance(slots, ConvolutionSlots)
        return slots

    def pointers(self, layers: Sequence[Layer], scratch: Scratch) -> ctypes.Array[LayerPointers]:
        """Return the kernel's view of dense layers, with `scratch` for their activations."""
        result = (LayerPointers * len(layers))()
        for i, layer in enumerate(layers):
            slots = self.slots[layer.weight]
            assert isinstance(slots, WeightSlots)
            result[i] = LayerPointers(
                layer.fan_in, layer.shape[0], slots.rows, len(slots.start) - 1,
                pointer(slots.unit), pointer(slots.start), pointer(slots.end),
                pointer(slots.column), pointer(slots.alive),
                *self.arrays(layer.weight), *self.arrays(layer.bias),
                pointer(scratch.outputs[i]), pointer(scratch.gradients[i]), *scratch.shared(),
            )  # fmt: skip
        return result

    def arrays(self, name: str) -> list[ctypes.c_void_p | None]:
        """Return where a parameter and its two moments lie; None for those it has not."""
        present = [pointer(self.packed[key]) for key in self._keys(name)]
        return [*present, *[None] * (3 - len(present))]

    def _add(self, name: str, slots: Slots, size: int) -> None:
        self.slots[name] = slots
        self.packed |= {key: aligned(size) for key in self._keys(name)}

    def _keys(self, name: str) -> list[str]:
        """Return the names of a parameter and its moments."""
        moments = [] if is_running(name) else self.moments
        return [name, *(f"{name}.{moment}" for moment in moments)]


def _checked_mask(masks: Masks, layer: Layer) -> np.ndarray:
    mask = masks[layer.weight]
    if mask.shape != layer.shape or mask.dtype != bool:
        raise ValueError(f"mask {layer.weight}: {mask.dtype} {mask.shape}, not bool {layer.shape}")
    return mask
