"""Training of any network on one CPU core, over surviving weights only.

The arithmetic is in kernel.c; the modules beside this one lay the data out for it.
"""

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lth_core.data.split import Split
from lth_core.networks.shapes import Masks, Weights, weight_layers
from lth_core.training.batches import Batches
from lth_core.training.dropout import noise_function
from lth_core.training.sparse.images import Images
from lth_core.training.sparse.kernel import compiler, load_kernel
from lth_core.training.sparse.lane import Lane
from lth_core.training.sparse.layout import GROUP, Scratch, pointer, round_up
from lth_core.training.sparse.memory import Memory
from lth_core.training.sparse.network import Network
from lth_core.training.sparse.program import program
from lth_core.training.state import MOMENTS, Optimiser, State
from lth_core.training.stopping import Pause, go_on

CHUNK = 64  # examples evaluated at a time
PIECE = 64 * CHUNK  # by networks of dense layers alone, before they ask whether to go on


class SparseEngine:
    """Runs one or more lanes of a network; see `State` for what it holds."""

    name = "sparse"

    def __init__(
        self,
        network: dict[str, Any],
        optimiser: Optimiser,
        splits: Mapping[str, Split],
        states: Sequence[State],
        masks: Sequence[Masks],
    ) -> None:
        """Lay out `states` under `masks` (one of each per lane).

        `served.py` says which networks. Raises CompilerMissing.
        """
        self._kernel = load_kernel()
        self._optimiser = optimiser
        self._program = program(network)
        # Networks of dense layers alone do whole stretches of iterations in the kernel: nothing is
        # done before them but to gather the images, and no noise is drawn.
        self._dense = len(self._program.forward) == 1 and not self._program.dropout
        self.stretch = 100 if self._dense else 1
        self._noise = noise_function(network)
        self._splits = {name: _split(name, split, network) for name, split in splits.items()}
        windows = {layer: window for layer, (window, _, _) in self._program.windows.items()}
        self._lanes = [
            Lane(weight_layers(network), windows, MOMENTS[optimiser.name], state, mask)
            for state, mask in zip(states, masks, strict=True)
        ]
        self._scratch: dict[int, Scratch] = {}
        self._networks: dict[tuple[int, bool], list[Network]] = {}

    def train(self, batches: Batches) -> None:
        """Do the iterations of `batches`, whose rows are of split "train".

        Raises ValueError for another number of lanes, and for dropout without seeds.
        """
        rows = np.ascontiguousarray(batches.rows, np.int32)
        examples = len(self._splits["train"][1])
        if rows.shape[0] != len(self._lanes) or rows.ndim != 3:
            raise ValueError(f"batches: shape {rows.shape} for {len(self._lanes)} lanes")
        if rows.size and not 0 <= rows.min() <= rows.max() < examples:
            raise ValueError(f"batches: row outside the {examples} training examples")
        for lane in range(len(self._lanes)):
            if self._dense and batches.crops is None:
                self._train_dense(self._lanes[lane], rows[lane])
            else:
                crops = None if batches.crops is None else batches.crops[lane]
                seeds = None if batches.seeds is None else batches.seeds[lane]
                self._train_network(lane, rows[lane], crops, seeds)

    def evaluate(self, split: str, pause: Pause = go_on) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy on `split`, each float64 (lanes,)."""
        count = len(self._splits[split][1])
        piece = PIECE if self._dense else CHUNK
        losses, right = np.empty(len(self._lanes)), np.empty(len(self._lanes))
        for lane in range(len(self._lanes)):
            loss, correct = ctypes.c_double(), ctypes.c_int64()
            for first in range(0, count, piece):
                self._score(lane, split, first, min(first + piece, count), loss, correct)
                pause()
            losses[lane], right[lane] = loss.value, correct.value
        return losses / count, right / count

    def evaluate_weights(
        self, weights: Sequence[Weights], split: str, pause: Pause = go_on
    ) -> tuple[np.ndarray, np.ndarray]:
        """Like `evaluate`, for the given weights under the lanes' masks."""
        current = [lane.weights() for lane in self._lanes]
        try:
            for lane, given in zip(self._lanes, weights, strict=True):
                lane.set_weights(given)
            return self.evaluate(split, pause)
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

    def _score(
        self,
        index: int,
        split: str,
        first: int,
        end: int,
        loss: ctypes.c_double,
        correct: ctypes.c_int64,
    ) -> None:
        """Add the loss and the right answers of a lane on examples `first` to `end` - 1."""
        images, labels = self._splits[split]
        sums = ctypes.byref(loss), ctypes.byref(correct)
        if self._dense:
            layers, scratch = self._program.dense, self._scratch_of(CHUNK)
            self._kernel.evaluate(
                self._lanes[index].pointers(layers, scratch), len(layers), ctypes.byref(images),
                pointer(labels), first, end, CHUNK, pointer(scratch.inputs), *sums,
            )  # fmt: skip
        else:
            network = self._networks_of(CHUNK, training=False)[index]
            self._kernel.evaluate_network(
                ctypes.byref(network.pointers), ctypes.byref(images), pointer(labels), first, end,
                *sums,
            )  # fmt: skip

    def _train_dense(self, lane: Lane, rows: np.ndarray) -> None:
        images, labels = self._splits["train"]
        iterations, batch = rows.shape
        layers, scratch = self._program.dense, self._scratch_of(round_up(batch, GROUP))
        rates = np.array([self._optimiser.rate(lane.step + i) for i in range(iterations)])
        self._kernel.train(
            lane.pointers(layers, scratch), len(layers),
            ctypes.byref(_Optimiser.of(self._optimiser)), pointer(rates), ctypes.byref(images),
            pointer(labels), pointer(rows), iterations, batch, round_up(batch, GROUP),
            ctypes.c_int64(lane.step), pointer(scratch.inputs),
        )  # fmt: skip
        lane.step += iterations

    def _train_network(
        self, index: int, rows: np.ndarray, crops: np.ndarray | None, seeds: np.ndarray | None
    ) -> None:
        images, labels = self._splits["train"]
        iterations, batch = rows.shape
        network = self._networks_of(round_up(batch, GROUP), training=True)[index]
        network.mirror()
        settings, lane = _Optimiser.of(self._optimiser), self._lanes[index]
        for i in range(iterations):
            noises = self._noise(None if seeds is None else seeds[i : i + 1], batch)
            network.memory.set_noise([noise[0] for noise in noises])
            of_batch = _Batch.of(images, labels, rows[i], None if crops is None else crops[i])
            self._kernel.train_network(
                ctypes.byref(network.pointers), ctypes.byref(of_batch), ctypes.byref(settings),
                ctypes.c_double(self._optimiser.rate(lane.step)), ctypes.c_int64(lane.step + 1),
            )  # fmt: skip
            lane.step += 1

    def _scratch_of(self, width: int) -> Scratch:
        if width not in self._scratch:
            self._scratch[width] = Scratch(self._program.dense, width)
        return self._scratch[width]

    def _networks_of(self, width: int, training: bool) -> list[Network]:
        """Return the lanes' networks for batches of `width` examples."""
        if (width, training) not in self._networks:
            memory = Memory(self._kernel, self._program, width, training)
            self._networks[width, training] = [Network(lane, memory) for lane in self._lanes]
        return self._networks[width, training]


class _Batch(ctypes.Structure):
    """The kernel's struct Batch."""

    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("images", "labels", "index", "crops")),
        *((name, ctypes.c_int32) for name in ("first", "size")),
    ]

    @classmethod
    def of(
        cls, images: Images, labels: np.ndarray, rows: np.ndarray, crops: np.ndarray | None
    ) -> "_Batch":
        at = None if crops is None else pointer(crops)
        return cls(ctypes.addressof(images), pointer(labels), pointer(rows), at, 0, len(rows))


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
        flags = (o.nesterov, o.name == "adamw")
        return cls(kind, *flags, o.momentum, o.beta1, o.beta2, o.epsilon, o.weight_decay)


def _split(name: str, split: Split, network: Mapping[str, Any]) -> tuple[Images, np.ndarray]:
    labels = np.ascontiguousarray(split.labels, np.int32)
    expected = (len(labels), *network["input"])
    if split.pixels.shape != expected:
        raise ValueError(f"split {name}: {split.pixels.shape}, not {expected}")
    if len(labels) and not 0 <= labels.min() <= labels.max() < network["classes"]:
        raise ValueError(f"split {name}: label outside 0..{network['classes'] - 1}")
    return Images.of(split), labels
