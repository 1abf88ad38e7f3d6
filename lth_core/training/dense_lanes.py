"""Lanes of the torch engine that train at once, and their optimiser."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from lth_core.networks.forward import Tensors
from lth_core.training.state import Masks, Optimiser, State, Weights

# What PyTorch calls the moments.
MOMENTS = {
    "adam": {"m": "exp_avg", "v": "exp_avg_sq"},
    "momentum": {"velocity": "momentum_buffer"},
    "sgd": {},
}


class Lanes:
    """Lanes that train at once: weights, masks and moments have a leading dimension for them."""

    def __init__(
        self,
        settings: Optimiser,
        states: Sequence[State],
        masks: Sequence[Masks],
        device: torch.device,
    ) -> None:
        self.steps = [state.step for state in states]
        if len(set(self.steps)) > 1:
            raise ValueError(f"stacked lanes must be at the same step, found {self.steps}")
        self._device = device
        # A surviving weight's bits are all ones, a pruned one's all zeros.
        self._survivors = self._stack(
            [{k: -v.astype(np.int32) for k, v in m.items()} for m in masks]
        )
        self.weights = self.masked([state.weights for state in states])
        for weight in self.weights.values():
            weight.requires_grad_()
        self._optimiser = _optimiser(settings, list(self.weights.values()))
        self._moments = MOMENTS[settings.name]
        self._set_moments([state.moments for state in states])

    def step(self, losses: torch.Tensor) -> None:
        """Do one step of the optimiser on the losses (lanes,) of a batch each."""
        # Of their sum a lane's gradient is that of its own loss.
        gradients = torch.autograd.grad(losses.sum(), list(self.weights.values()))
        for (name, weight), gradient in zip(self.weights.items(), gradients, strict=True):
            # The fused optimisers read all memory in the weight's order, without a check.
            weight.grad = gradient.contiguous()
            # Without a gradient a pruned weight and its moments stay at zero: no optimiser
            # here decays the weights.
            self._mask(name, weight.grad)
        self._optimiser.step()
        self.steps = [step + 1 for step in self.steps]

    def masked(self, weights: Sequence[Weights]) -> Tensors:
        """Return copies of the lanes' weights as tensors, pruned entries zero."""
        tensors = self._stack(weights)
        for name, tensor in tensors.items():
            self._mask(name, tensor)
        return tensors

    def moments(self) -> Tensors:
        """Return the optimiser's own tensors, by our names."""
        return {
            f"{name}.{moment}": self._optimiser.state[weight][key]
            for name, weight in self.weights.items()
            for moment, key in self._moments.items()
        }

    def lane(self, tensors: Tensors, i: int) -> dict[str, np.ndarray]:
        """Return copies of the part of lane `i`."""
        return {name: tensor[i].detach().cpu().numpy().copy() for name, tensor in tensors.items()}

    def _set_moments(self, moments: Sequence[Mapping[str, np.ndarray]]) -> None:
        fresh = not self.steps[0] and not any(moments)
        given = {} if fresh else self._stack(moments)
        for name, weight in self.weights.items():
            state = self._optimiser.state[weight]
            if self._moments == MOMENTS["adam"]:
                state["step"] = torch.tensor(float(self.steps[0]), device=self._device)
            for moment, key in self._moments.items():
                state[key] = torch.zeros_like(weight) if fresh else given[f"{name}.{moment}"]
                self._mask(name, state[key])

    def _stack(self, lanes: Sequence[Mapping[str, np.ndarray]]) -> Tensors:
        return {
            name: to_tensor(np.stack([lane[name] for lane in lanes]), self._device)
            for name in lanes[0]
        }

    def _mask(self, name: str, tensor: torch.Tensor) -> None:
        if name in self._survivors:
            # As bits, since nan * 0 is nan.
            tensor.view(torch.int32).bitwise_and_(self._survivors[name])


def _optimiser(settings: Optimiser, weights: list[torch.Tensor]) -> torch.optim.Optimizer:
    rate = settings.learning_rate
    match settings.name:
        case "adam":
            betas = (settings.beta1, settings.beta2)
            return torch.optim.Adam(weights, rate, betas, settings.epsilon, fused=True)
        case "momentum":
            return torch.optim.SGD(weights, rate, settings.momentum, fused=True)
        case "sgd":
            return torch.optim.SGD(weights, rate, fused=True)


def to_tensor(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """Return a copy in PyTorch's own memory: the bits of a product may depend on alignment."""
    return torch.tensor(array, device=device)
