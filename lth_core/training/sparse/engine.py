"""Training of fully-connected networks on one CPU core, over surviving weights only.

The arithmetic is in kernel.c; this module lays the data out for it.
"""

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lth_core.data.split import Split
from lth_core.networks.shapes import Layer, Masks, Weights, weight_layers
from lth_core.training.batches import Batches
from lth_core.training.sparse.kernel import compiler, load_kernel
from lth_core.training.sparse.layout import GROUP, Lane, Scratch, pointer, round_up
from lth_core.training.state import Optimiser, State

CHUNK = 64  # examples evaluated at a time

# Names of the optimiser's moments; their order is that of `first` and `second` in the kernel.
MOMENTS = {"sgd": [], "momentum": ["velocity"], "adam": ["m", "v"]}


class SparseEngine:
    """Runs one or more lanes of a fully-connected network; see `State` for what it holds."""

    name = "sparse"
    stretch = 100

    def __init__(
        self,
        network: dict[str, Any],
        optimiser: Optimiser,
        splits: Mapping[str, Split],
        states: Sequence[State],
        masks: Sequence[Masks],
    ) -> None:
        """Lay out `states` under `masks` (one of each per lane).

        Raises CompilerMissing, and ValueError for what the kernel does not serve.
        """
        layers = weight_layers(network)
        if any(spec["type"] != "dense" for spec in network["layers"]):
            raise ValueError("the sparse engine serves fully-connected networks only")
        self._kernel = load_kernel()
        self._optimiser = optimiser
        self._splits = {name: _split(name, split, layers) for name, split in splits.items()}
        names = MOMENTS[optimiser.name]
        self._lanes = [
            Lane(layers, names, state, mask) for state, mask in zip(states, masks, strict=True)
        ]
        self._scratch: dict[int, Scratch] = {}
        self._layers = layers

    def train(self, batches: Batches) -> None:
        """Do the iterations of `batches`, whose rows are of split "train"."""
        images, labels = self._splits["train"]
        all_rows = np.ascontiguousarray(batches.rows, np.int32)
        if all_rows.shape[0] != len(self._lanes) or all_rows.ndim != 3:
            raise ValueError(f"batches: shape {all_rows.shape} for {len(self._lanes)} lanes")
        if all_rows.size and not 0 <= all_rows.min() <= all_rows.max() < len(labels):
            raise ValueError(f"batches: row outside the {len(labels)} training examples")
        _, iterations, batch = all_rows.shape
        width = round_up(batch, GROUP)
        scratch = self._scratch_of(width)
        settings = _Optimiser.of(self._optimiser)
        for lane, rows in zip(self._lanes, all_rows, strict=True):
            steps = range(lane.step, lane.step + iterations)
            rates = np.array([self._optimiser.rate(step) for step in steps])
            self._kernel.train(
                lane.pointers(scratch), len(self._layers), ctypes.byref(settings),
                pointer(rates), pointer(images), pointer(labels), pointer(rows), iterations, batch,
                width, ctypes.c_int64(lane.step), pointer(scratch.inputs),
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
                lane.pointers(scratch), len(self._layers), pointer(images), pointer(labels),
                len(labels), CHUNK, pointer(scratch.inputs), ctypes.byref(loss),
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

    def weights(self) -> list[Weights]:
        """Return a copy of the lanes' weights, in dense layout."""
        return [lane.weights() for lane in self._lanes]

    def states(self) -> list[State]:
        """Return a copy of the lanes' states, in dense layout."""
        return [lane.state() for lane in self._lanes]

    @property
    def description(self) -> dict[str, str]:
        """What the manifest records of this engine."""
        return {"engine": self.name, "compiler": compiler(), "device": "cpu", "threads": "1"}

    def _scratch_of(self, width: int) -> "Scratch":
        if width not in self._scratch:
            self._scratch[width] = Scratch(self._layers, width)
        return self._scratch[width]


class _Optimiser(ctypes.Structure):
    """The kernel's struct Optimiser."""

    _fields_ = [
        *((name, ctypes.c_int32) for name in ("kind", "nesterov", "decoupled")),
        *((name, ctypes.c_double) for name in ("momentum", "beta1", "beta2", "epsilon")),
        ("weight_decay", ctypes.c_double),
    ]

    @classmethod
    def of(cls, o: Optimiser) -> "_Optimiser":
        kind = len(MOMENTS[o.name])
        return cls(kind, 0, 0, o.momentum, o.beta1, o.beta2, o.epsilon, o.weight_decay)


def _split(name: str, split: Split, layers: list[Layer]) -> tuple[np.ndarray, np.ndarray]:
    images, labels = split.images, np.ascontiguousarray(split.labels, np.int32)
    features, classes = layers[0].fan_in, layers[-1].shape[0]
    if images.dtype != np.float32 or not images.flags.c_contiguous:
        raise ValueError(f"split {name}: images must be contiguous float32")
    if images.shape != (len(labels), features):
        raise ValueError(f"split {name}: images {images.shape}, not {(len(labels), features)}")
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"split {name}: label outside 0..{classes - 1}")
    return images, labels
