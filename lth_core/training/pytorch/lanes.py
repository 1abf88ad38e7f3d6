"""Lanes of the torch engine that train at once, and their optimiser."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

# The functions: the first object of a torch.optim class takes seconds, as it loads the compiler.
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from lth_core.networks.forward import Tensors
from lth_core.networks.shapes import Masks, Weights, is_running
from lth_core.training.state import MOMENTS, Optimiser, State

# How the fused optimisers read a rate that is a tensor.
_RATE = {"cpu": torch.float64, "cuda": torch.float32}


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
        self._trained = {
            name: weight.requires_grad_()
            for name, weight in self.weights.items()
            if not is_running(name)
        }
        self._settings = settings
        self.moments = self._moments([state.moments for state in states])
        # On the device, as are Adam's counts of its steps, one for every tensor: a captured graph
        # would freeze a number of the host, and warm-up and drops would silently never happen.
        self._rate = torch.zeros((), dtype=_RATE[device.type], device=device)
        self._counts = [torch.tensor(float(self.steps[0]), device=device) for _ in self._trained]

    def step(self, losses: torch.Tensor, running: Tensors) -> None:
        """Do one step of the optimiser on the losses (lanes,) of a batch each.

        running: the batch norms' new statistics, by name (lanes, ...).
        """
        # Of their sum a lane's gradient is that of its own loss.
        gradients = torch.autograd.grad(losses.sum(), list(self._trained.values()))
        # The fused optimisers read all memory in the weight's order, without a check; the
        # gradients of convolutions may lie in another.
        ordered = [gradient.contiguous() for gradient in gradients]
        for name, gradient in zip(self._trained, ordered, strict=True):
            # Without a gradient a pruned weight and its moments stay at zero: what decays by
            # a share of itself stays there as well.
            self._mask(name, gradient)
        self._update(ordered)
        self.weights |= running
        self.steps = [step + 1 for step in self.steps]

    def masked(self, weights: Sequence[Weights]) -> Tensors:
        """Return copies of the lanes' weights as tensors, pruned entries zero."""
        tensors = self._stack(weights)
        for name, tensor in tensors.items():
            self._mask(name, tensor)
        return tensors

    def lane(self, tensors: Tensors, i: int) -> dict[str, np.ndarray]:
        """Return copies of the part of lane `i`."""
        return {name: tensor[i].detach().cpu().numpy().copy() for name, tensor in tensors.items()}

    def _moments(self, given: Sequence[Mapping[str, np.ndarray]]) -> Tensors:
        keys = {f"{name}.{m}": name for name in self._trained for m in MOMENTS[self._settings.name]}
        if not self.steps[0] and not any(given):
            return {key: torch.zeros_like(self.weights[name]) for key, name in keys.items()}
        moments = self._stack(given)
        for key, name in keys.items():
            self._mask(name, moments[key])
        return moments

    @torch.no_grad()
    def _update(self, gradients: list[torch.Tensor]) -> None:
        settings, weights = self._settings, list(self._trained.values())
        self._rate.fill_(settings.rate(self.steps[0]))
        moments = [
            [self.moments[f"{name}.{moment}"] for name in self._trained]
            for moment in MOMENTS[settings.name]
        ]
        if settings.name in ("adam", "adamw"):
            first, second = moments
            adam(
                weights, gradients, first, second, [], self._counts,
                lr=self._rate, beta1=settings.beta1, beta2=settings.beta2, eps=settings.epsilon,
                weight_decay=settings.weight_decay,
                decoupled_weight_decay=settings.name == "adamw",
                amsgrad=False, maximize=False, fused=True,
            )  # fmt: skip
        else:
            velocity: list[torch.Tensor | None] = (
                [*moments[0]] if moments else [None] * len(weights)
            )
            sgd(
                weights, gradients, velocity,
                lr=self._rate, momentum=settings.momentum if moments else 0, dampening=0,
                nesterov=settings.nesterov, weight_decay=settings.weight_decay,
                maximize=False, fused=True,
            )  # fmt: skip

    def _stack(self, lanes: Sequence[Mapping[str, np.ndarray]]) -> Tensors:
        return {
            name: to_tensor(np.stack([lane[name] for lane in lanes]), self._device)
            for name in lanes[0]
        }

    def _mask(self, name: str, tensor: torch.Tensor) -> None:
        if name in self._survivors:
            # As bits, since nan * 0 is nan.
            tensor.view(torch.int32).bitwise_and_(self._survivors[name])


def to_tensor(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """Return a copy in PyTorch's own memory: the bits of a product may depend on alignment."""
    return torch.tensor(array, device=device)
