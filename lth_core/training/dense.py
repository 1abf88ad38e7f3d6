"""Training of any network in PyTorch, on a GPU where there is one."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from lth_core.data.split import Split
from lth_core.networks.forward import Tensors, forward_function
from lth_core.networks.shapes import Masks, Weights
from lth_core.training.dense_lanes import Lanes, to_tensor
from lth_core.training.state import Optimiser, State

# Examples evaluated at a time. On a CPU a convolution of 100 stays in the caches (1.6 times
# as fast as 500).
CHUNK = {"cpu": 100, "cuda": 1000}

# Maps weights, images and labels to a tensor, of one lane or of each lane.
Measure = Callable[[Tensors, torch.Tensor, torch.Tensor], torch.Tensor]


class TorchEngine:
    """Runs one or more lanes of a network; see `State` for what it holds.

    On the CPU one lane trains after the other, so that a lane's bits never depend on its
    neighbours. On a GPU all lanes are stacked and train at once: there the last bits may
    depend on the number of lanes. `stacked` chooses explicitly.

    Sets PyTorch, for the whole process, to one thread and deterministic algorithms.
    """

    name = "torch"

    def __init__(
        self,
        network: dict[str, Any],
        optimiser: Optimiser,
        splits: Mapping[str, Split],
        states: Sequence[State],
        masks: Sequence[Masks],
        stacked: bool | None = None,
    ) -> None:
        """Take `states` under `masks`, one of each per lane.

        Raises ValueError for a layer that has no forward pass, and for stacked lanes that
        are not at the same step.
        """
        _make_deterministic()
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._stacked = self._device.type == "cuda" if stacked is None else stacked
        self._splits = {
            name: (
                to_tensor(split.images, self._device),
                to_tensor(split.labels, self._device).long(),
            )
            for name, split in splits.items()
        }
        over_lanes = torch.vmap if self._stacked else _alone
        forward = forward_function(network)

        def loss(weights: Tensors, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return F.cross_entropy(forward(weights, images), labels)

        def totals(weights: Tensors, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            logits = forward(weights, images)
            losses = F.cross_entropy(logits, labels, reduction="none").double()
            return torch.stack([losses.sum(), (logits.argmax(1) == labels).double().sum()])

        self._loss: Measure = over_lanes(loss, (0, 0, 0))
        self._totals: Measure = over_lanes(totals, (0, None, None))
        self._groups = [
            Lanes(optimiser, group, group_masks, self._device)
            for group, group_masks in zip(self._grouped(states), self._grouped(masks), strict=True)
        ]
        self._lanes = [(group, i) for group in self._groups for i in range(len(group.steps))]

    def train(self, batches: np.ndarray) -> None:
        """Do iterations on `batches`: int32 (lanes, iterations, batch), rows of split "train"."""
        if batches.ndim != 3 or len(batches) != len(self._lanes):
            raise ValueError(f"batches: shape {batches.shape} for {len(self._lanes)} lanes")
        images, labels = self._splits["train"]
        with _denormals_flushed():
            for group, rows in zip(self._groups, self._grouped(batches), strict=True):
                for batch in to_tensor(rows, self._device).unbind(1):
                    x = images.index_select(0, batch.flatten()).unflatten(0, batch.shape)
                    y = labels.index_select(0, batch.flatten()).unflatten(0, batch.shape)
                    group.step(self._loss(group.weights, x, y))

    def evaluate(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy on `split`, each float64 (lanes,)."""
        return self._evaluate([group.weights for group in self._groups], split)

    def evaluate_weights(
        self, weights: Sequence[Weights], split: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """Like `evaluate`, for the given weights under the lanes' masks."""
        groups = zip(self._groups, self._grouped(weights), strict=True)
        return self._evaluate([group.masked(given) for group, given in groups], split)

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
            "lanes": "stacked" if self._stacked else "one after the other",
        }

    def _grouped(self, lanes: Any) -> list[Any]:
        """Cut a sequence by lane into those that train at once."""
        return [lanes] if self._stacked else [lanes[i : i + 1] for i in range(len(lanes))]

    @torch.no_grad()
    def _evaluate(self, weights: list[Tensors], split: str) -> tuple[np.ndarray, np.ndarray]:
        images, labels = self._splits[split]
        chunk = CHUNK[self._device.type]
        chunks = list(zip(images.split(chunk), labels.split(chunk), strict=True))
        totals = [
            torch.stack([self._totals(of_group, x, y) for x, y in chunks]).sum(0)
            for of_group in weights
        ]
        losses, accuracies = torch.cat(totals).cpu().numpy().T / len(labels)
        return losses, accuracies


def _alone(measure: Measure, in_dims: tuple[int | None, ...]) -> Measure:
    """Do what torch.vmap does, for a single lane and without its cost."""

    def of_only_lane(weights: Tensors, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        only = {name: weight.squeeze(0) for name, weight in weights.items()}
        if in_dims[1] == 0:
            images, labels = images.squeeze(0), labels.squeeze(0)
        return measure(only, images, labels).unsqueeze(0)

    return of_only_lane


def _make_deterministic() -> None:
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # or cuBLAS refuses
    torch.set_num_threads(1)
    # Like use_deterministic_algorithms, which takes seconds, as it loads the compiler.
    torch.set_deterministic_debug_mode("error")
    torch.backends.fp32_precision = "ieee"  # type: ignore[attr-defined]  # no TF32


@contextmanager
def _denormals_flushed() -> Iterator[None]:
    """Take denormal numbers for zero in this block: moments fade to them, at a high cost."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
