"""Losses and accuracies in the torch engine, of one lane or of stacked ones."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F

from lth_core.networks.forward import Tensors, forward_function

Precision = Literal["float32", "tf32", "bfloat16"]
# Maps weights, images, labels and dropout's noise to the loss and new running statistics.
Loss = Callable[
    [Tensors, torch.Tensor, torch.Tensor, Sequence[torch.Tensor]], tuple[torch.Tensor, Tensors]
]
# Maps weights, images and labels to the sum of losses and the number of right answers, (2,).
Totals = Callable[[Tensors, torch.Tensor, torch.Tensor], torch.Tensor]


def measures(
    network: dict[str, Any],
    precision: Precision,
    label_smoothing: float,
    device: torch.device,
    stacked: bool,
) -> tuple[Loss, Totals]:
    """Return the loss to train on and the totals of an evaluation, which knows no smoothing.

    Both take and return tensors with a leading dimension for lanes (one only, unless
    `stacked`), but for the images and labels of an evaluation, which all lanes share. With
    bfloat16 the forward pass and its gradient have that precision where PyTorch thinks it
    safe; weights, their gradients and the loss are float32. For tf32 see `products_in`.
    """
    over_lanes = torch.vmap if stacked else _of_only_lane
    forward = forward_function(network)

    def logits(
        weights: Tensors, images: torch.Tensor, noise: Sequence[torch.Tensor] | None
    ) -> tuple[torch.Tensor, Tensors]:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            found, running = forward(weights, images, noise)
        return found.float(), running

    def loss(
        weights: Tensors, images: torch.Tensor, labels: torch.Tensor, noise: Sequence[torch.Tensor]
    ) -> tuple[torch.Tensor, Tensors]:
        found, running = logits(weights, images, noise)
        return F.cross_entropy(found, labels, label_smoothing=label_smoothing), running

    def totals(weights: Tensors, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        found, _ = logits(weights, images, None)
        losses = F.cross_entropy(found, labels, reduction="none").double()
        return torch.stack([losses.sum(), (found.argmax(1) == labels).double().sum()])

    return over_lanes(loss, (0, 0, 0, 0)), over_lanes(totals, (0, None, None))


def _of_only_lane(
    function: Callable[..., Any], in_dims: tuple[int | None, ...]
) -> Callable[..., Any]:
    """Do what torch.vmap does, for a single lane and without its cost."""

    def of_only_lane(*arguments: Any) -> Any:
        only = [
            argument if dim is None else _each(argument, lambda tensor: tensor.squeeze(0))
            for argument, dim in zip(arguments, in_dims, strict=True)
        ]
        return _each(function(*only), lambda tensor: tensor.unsqueeze(0))

    return of_only_lane


def _each(tensors: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """Change every tensor in dictionaries, lists and tuples."""
    if isinstance(tensors, dict):
        return {name: _each(tensor, change) for name, tensor in tensors.items()}
    if isinstance(tensors, list | tuple):
        return type(tensors)(_each(tensor, change) for tensor in tensors)
    return change(tensors)
