"""An engine whose networks learn from labels and from a teacher (Hinton et al., 2015)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from lth_core.data.split import Split
from lth_core.networks.forward import Tensors, forward_function
from lth_core.networks.shapes import Masks, Weights
from lth_core.training.batches import Batches
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.pytorch.lanes import Lanes, to_tensor
from lth_core.training.pytorch.measures import Precision, _of_only_lane
from lth_core.training.state import Optimiser, State


def distillation_loss(
    logits: torch.Tensor,
    labels: torch.Tensor,
    teacher: torch.Tensor,
    alpha: float,
    temperature: float,
    label_smoothing: float = 0.0,
) -> torch.Tensor:
    """Return the mean over a batch of alpha CE(label) + (1 - alpha) T^2 CE(p(T), q(T)).

    logits, teacher: (batch, classes), of the network and of its teacher. labels: (batch,). p(T) and
    q(T) are what softmax makes of the teacher's and the network's logits over the temperature T.
    """
    of_labels = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
    taught = F.softmax(teacher / temperature, dim=-1)
    of_teacher = F.cross_entropy(logits / temperature, taught)
    return alpha * of_labels + (1 - alpha) * temperature**2 * of_teacher


class DistilledEngine(TorchEngine):
    """The PyTorch engine with the loss of distillation; evaluations are of the labels alone."""

    def __init__(
        self,
        network: dict[str, Any],
        optimiser: Optimiser,
        splits: Mapping[str, Split],
        states: Sequence[State],
        masks: Sequence[Masks],
        teachers: Sequence[Weights],
        alpha: float,
        temperature: float,
        precision: Precision = "float32",
        label_smoothing: float = 0.0,
        stacked: bool | None = None,
        device: str | None = None,
    ) -> None:
        """Take what `TorchEngine` takes and, by lane, the weights of a teacher of that network.

        alpha, temperature: see `distillation_loss`. Teachers answer once, here: images must stay
        as they are. They are evaluated as trained networks are, and keep their running statistics.
        """
        super().__init__(
            *(network, optimiser, splits, states, masks),
            *(precision, label_smoothing, stacked, device),
        )
        forward = forward_function(network)

        def loss(
            weights: Tensors,
            images: torch.Tensor,
            labels: torch.Tensor,
            teacher: torch.Tensor,
            noise: Sequence[torch.Tensor],
        ) -> tuple[torch.Tensor, Tensors]:
            half = precision == "bfloat16"
            with torch.autocast(self._device.type, torch.bfloat16, enabled=half):
                logits, running = forward(weights, images, noise)
            told = (labels, teacher, alpha, temperature, label_smoothing)
            return distillation_loss(logits.float(), *told), running

        over_lanes = torch.vmap if self._stacked else _of_only_lane
        self._taught_loss = over_lanes(loss, (0, 0, 0, 0, 0))
        answers = [self._answers(forward, teacher) for teacher in teachers]
        self._teachers = [torch.stack(group) for group in self._grouped(answers)]

    @torch.no_grad()
    def _answers(self, forward: Any, teacher: Weights) -> torch.Tensor:
        """Return the logits (N, classes) of all training examples."""
        tensors = {name: to_tensor(array, self._device) for name, array in teacher.items()}
        chunks = self._splits["train"].chunks()
        return torch.cat([forward(tensors, images, None)[0] for images, _ in chunks])

    def _train_group(self, group: Lanes, batches: Batches) -> None:
        iterations, batch_size = batches.rows.shape[1:]
        rows = to_tensor(batches.rows, self._device)
        answers = self._teachers[self._groups.index(group)]
        lane = torch.arange(len(answers), device=self._device)[:, None]
        for i in range(iterations):
            images, labels = self._splits["train"].batch(rows[:, i], None)
            seeds: np.ndarray | None = None if batches.seeds is None else batches.seeds[:, i]
            noise = [to_tensor(factors, self._device) for factors in self._noise(seeds, batch_size)]
            teacher = answers[lane, rows[:, i]]
            group.step(*self._taught_loss(group.weights, images, labels, teacher, noise))
