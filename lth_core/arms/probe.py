"""Gradients, Hessian products and accuracy, for sources that look at data.

It is PyTorch, which takes seconds to load, so only a source that looks at data imports it; its
training jobs alone have it in their fingerprint. A source calls `Probe(inputs.network,
inputs.splits())`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from lth_core.data.split import Split
from lth_core.networks.forward import Tensors, forward_function
from lth_core.networks.shapes import Masks, Weights, is_running

_CHUNK = 1000  # examples at a time


class Probe:
    """A network on its data, at whatever weights; nothing is trained, no statistics are moved.

    Gradients are of the mean cross-entropy on some rows of the training set, its logits divided by
    `temperature`. Batch norm takes the rows' own statistics there, and nothing is dropped.
    """

    def __init__(self, network: Mapping[str, Any], splits: Mapping[str, Split]) -> None:
        torch.set_num_threads(1)  # or the last bits would depend on the machine
        self._forward = forward_function(dict(network))
        self._dropouts = sum(layer["type"] == "dropout" for layer in network["layers"])
        self._splits = splits

    def gradient(self, weights: Weights, rows: np.ndarray, temperature: float = 1.0) -> Weights:
        """Return the gradient by every trained tensor, float32 in its shape."""
        tensors = _tensors(weights)
        return _arrays(self._gradient(tensors, rows, temperature, graph=False))

    def hessian_product(
        self, weights: Weights, vector: Weights, rows: np.ndarray, temperature: float = 1.0
    ) -> Weights:
        """Return the Hessian times `vector`, whose tensors not given are zero."""
        tensors = _tensors(weights)
        gradient = self._gradient(tensors, rows, temperature, graph=True)
        products = [(gradient[name] * torch.tensor(v)).sum() for name, v in vector.items()]
        trained = {name: tensors[name] for name in gradient}
        found = torch.autograd.grad(
            torch.stack(products).sum(), list(trained.values()), materialize_grads=True
        )
        return _arrays(dict(zip(trained, found, strict=True)))

    @torch.no_grad()
    def accuracy(self, weights: Weights, masks: Masks, split: str) -> float:
        """Return the accuracy (0 to 1) of `weights` under `masks` on a whole split."""
        kept = {k: np.where(masks[k], v, np.float32(0)) if k in masks else v
                for k, v in weights.items()}  # fmt: skip
        tensors, examples = _tensors(kept), self._splits[split]
        right = 0
        for start in range(0, len(examples), _CHUNK):
            chunk = examples[start : start + _CHUNK]
            logits, _ = self._forward(tensors, torch.tensor(chunk.images), None)
            right += int((logits.argmax(1).numpy() == chunk.labels).sum())
        return right / len(examples)

    def _gradient(
        self, tensors: Tensors, rows: np.ndarray, temperature: float, graph: bool
    ) -> Tensors:
        batch = self._splits["train"][rows]
        images, labels = torch.tensor(batch.images), torch.tensor(batch.labels).long()
        logits, _ = self._forward(tensors, images, [torch.ones(())] * self._dropouts)
        loss = F.cross_entropy(logits / temperature, labels)
        trained = {name: tensor for name, tensor in tensors.items() if tensor.requires_grad}
        found = torch.autograd.grad(loss, list(trained.values()), create_graph=graph)
        return dict(zip(trained, found, strict=True))


def _tensors(weights: Weights) -> Tensors:
    return {
        name: torch.tensor(array, requires_grad=not is_running(name))
        for name, array in weights.items()
    }


def _arrays(tensors: Tensors) -> Weights:
    return {name: tensor.detach().numpy() for name, tensor in tensors.items()}
