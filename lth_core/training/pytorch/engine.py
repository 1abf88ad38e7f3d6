"""Training of any network in PyTorch, on a GPU where there is one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from lth_core.data.split import Split
from lth_core.networks.forward import Tensors
from lth_core.networks.shapes import Masks, Weights
from lth_core.training.batches import Batches
from lth_core.training.dropout import noise_function
from lth_core.training.pytorch.lanes import Lanes, to_tensor
from lth_core.training.pytorch.measures import Precision, measures
from lth_core.training.pytorch.packing import is_stacked, stretch_of
from lth_core.training.pytorch.process import (
    denormals_flushed,
    has_tf32,
    prepare_process,
    products_in,
)
from lth_core.training.pytorch.resident import Resident
from lth_core.training.state import Optimiser, State
from lth_core.training.stopping import Pause, go_on


class TorchEngine:
    """Runs one or more lanes of a network; see `State` for what it holds.

    One lane trains after the other, so that a lane's bits never depend on its neighbours. Only
    networks without convolutions, on a GPU, train all lanes at once: there the last bits may
    depend on the number of lanes.

    Sets PyTorch, for the whole process, to one thread and deterministic algorithms; see
    `prepare_process`.
    """

    name = "torch"

    def __init__(
        self,
        network: dict[str, Any],
        optimiser: Optimiser,
        splits: Mapping[str, Split],
        states: Sequence[State],
        masks: Sequence[Masks],
        precision: Precision = "float32",
        label_smoothing: float = 0.0,
        stacked: bool | None = None,
        device: str | None = None,
    ) -> None:
        """Take `states` under `masks`, one of each per lane.

        precision, label_smoothing: see `measures`. stacked: see `is_stacked`. device: "cpu" or
        "cuda", by default a GPU where there is one. Raises ValueError for stacked convolutions, and
        for stacked lanes that are not at the same step.
        """
        prepare_process()
        self._device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.stretch = stretch_of(network, self._device)
        self._stacked = is_stacked(network, len(states), self._device, stacked)
        self._precision = precision
        self._splits = {name: Resident(split, self._device) for name, split in splits.items()}
        self._noise = noise_function(network)
        self._loss, self._totals = measures(
            network, precision, label_smoothing, self._device, self._stacked
        )
        self._groups = [
            Lanes(optimiser, group, group_masks, self._device)
            for group, group_masks in zip(self._grouped(states), self._grouped(masks), strict=True)
        ]
        self._lanes = [(group, i) for group in self._groups for i in range(len(group.steps))]

    def train(self, batches: Batches) -> None:
        """Do the iterations of `batches`, whose rows are of split "train".

        Raises ValueError for another number of lanes, and for dropout without seeds.
        """
        rows = batches.rows
        if rows.ndim != 3 or len(rows) != len(self._lanes):
            raise ValueError(f"batches: shape {rows.shape} for {len(self._lanes)} lanes")
        parts = (self._grouped(part) for part in (rows, batches.crops, batches.seeds))
        with denormals_flushed(), products_in(self._precision):
            for group, *part in zip(self._groups, *parts, strict=True):
                self._train_group(group, Batches(*part))

    def _train_group(self, group: Lanes, batches: Batches) -> None:
        iterations, batch_size = batches.rows.shape[1:]
        rows = to_tensor(batches.rows, self._device)
        crops = None if batches.crops is None else to_tensor(batches.crops, self._device)
        for i in range(iterations):
            images, labels = self._splits["train"].batch(
                rows[:, i], None if crops is None else crops[:, i]
            )
            seeds = None if batches.seeds is None else batches.seeds[:, i]
            noise = [to_tensor(factors, self._device) for factors in self._noise(seeds, batch_size)]
            group.step(*self._loss(group.weights, images, labels, noise))

    def evaluate(self, split: str, pause: Pause = go_on) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy on `split`, each float64 (lanes,)."""
        return self._evaluate([group.weights for group in self._groups], split, pause)

    def evaluate_weights(
        self, weights: Sequence[Weights], split: str, pause: Pause = go_on
    ) -> tuple[np.ndarray, np.ndarray]:
        """Like `evaluate`, for the given weights under the lanes' masks."""
        groups = zip(self._groups, self._grouped(weights), strict=True)
        return self._evaluate([group.masked(given) for group, given in groups], split, pause)

    def weights(self) -> list[Weights]:
        """Return a copy of the lanes' weights."""
        return [group.lane(group.weights, i) for group, i in self._lanes]

    def states(self) -> list[State]:
        """Return a copy of the lanes' states."""
        return [
            State(group.lane(group.weights, i), group.lane(group.moments, i), group.steps[i])
            for group, i in self._lanes
        ]

    @property
    def description(self) -> dict[str, str]:
        """What the manifest records of this engine."""
        cuda = self._device.type == "cuda"
        return {
            "engine": self.name,
            "torch": torch.__version__,
            "device": f"cuda, {torch.cuda.get_device_name()}" if cuda else "cpu",
            "threads": str(torch.get_num_threads()),
            "precision": self._precision_used(),
            "lanes": "stacked" if self._stacked else "one after the other",
        }

    def _precision_used(self) -> str:
        if self._precision == "tf32" and not has_tf32(self._device):
            return "float32 (tf32 needs a GPU that has it)"
        return self._precision

    def _grouped(self, lanes: Any) -> list[Any]:
        """Cut a sequence by lane, or None, into the parts that train at once."""
        if lanes is None:
            return [None] * len(self._groups)
        return [lanes] if self._stacked else [lanes[i : i + 1] for i in range(len(lanes))]

    @torch.no_grad()
    def _evaluate(
        self, weights: list[Tensors], split: str, pause: Pause
    ) -> tuple[np.ndarray, np.ndarray]:
        examples = self._splits[split]
        totals = []
        for of_group in weights:
            by_chunk = []
            for chunk in examples.chunks():
                with products_in(self._precision):
                    by_chunk.append(self._totals(of_group, *chunk))
                pause()
            totals.append(torch.stack(by_chunk).sum(0))
        # The one copy to the host: what comes before it never waits for the device.
        losses, accuracies = torch.cat(totals).cpu().numpy().T / len(examples)
        return losses, accuracies
