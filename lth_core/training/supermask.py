"""An engine that trains the mask of a network and leaves its weights as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np
import torch

from lth_core.data.split import Split
from lth_core.networks.forward import Tensors
from lth_core.networks.shapes import Layer, Masks, Weights, is_running
from lth_core.streams import stream
from lth_core.training.batches import Batches
from lth_core.training.pytorch.engine import TorchEngine
from lth_core.training.pytorch.lanes import Lanes, to_tensor
from lth_core.training.pytorch.measures import Precision
from lth_core.training.state import Optimiser, State
from lth_core.training.stopping import Pause, go_on

Form = Literal["signed", "binary"]
Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Supermask:
    """What a lane trains the scores of.

    frozen: all its weights by name, biases included. thresholds: by the name of a weight, of the
    signed form only. key: of its streams.
    """

    form: Form
    frozen: Weights
    thresholds: Mapping[str, float]
    key: Key


def supermask_of(
    layers: Sequence[Layer],
    form: Form,
    threshold: float,
    weights: Weights,
    key: Key,
) -> tuple[Supermask, State]:
    """Return a lane that masks `weights`, and its state at the start.

    Scores are weights of that state. Signed ones are uniform up to sqrt(6 / (fan_in + fan_out));
    what hides is the share `threshold` of the largest that is drawn. Binary ones are 0.
    """
    generator = stream(*key, "scores")
    scores = {la.weight: np.zeros(la.shape, np.float32) for la in layers}
    thresholds = {}
    if form == "signed":
        for layer in layers:
            bound = sqrt(6 / (layer.fan_in + layer.fan_out))
            drawn = generator.uniform(-bound, bound, layer.shape).astype(np.float32)
            scores[layer.weight] = drawn
            thresholds[layer.weight] = float(np.float32(threshold) * np.abs(drawn).max())
    running = {name: array for name, array in weights.items() if is_running(name)}
    return Supermask(form, weights, thresholds, key), State(scores | running, {}, 0)


class Signed(torch.autograd.Function):
    """The sign of a score above the threshold, else 0; the gradient passes straight through."""

    @staticmethod
    def forward(ctx: Any, scores: torch.Tensor, threshold: float) -> torch.Tensor:
        """Return factors of weights: 1 keeps, 0 hides, -1 inverts."""
        return torch.where(scores.abs() > threshold, scores.sign(), 0.0)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Return the gradient as if the factor were the score itself."""
        return gradient, None


class Binary(torch.autograd.Function):
    """Whether a uniform draw is below sigmoid(score); the gradient is that of the sigmoid."""

    @staticmethod
    def forward(ctx: Any, scores: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
        """Return factors of weights: 1 keeps, 0 hides."""
        chance = torch.sigmoid(scores)
        ctx.save_for_backward(chance)
        return (drawn < chance).float()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Return the gradient as if the factor were the chance itself."""
        (chance,) = ctx.saved_tensors
        return gradient * chance * (1 - chance), None


class SupermaskEngine(TorchEngine):
    """Trains scores; whatever it evaluates or returns as weights is what they make of the frozen.

    Evaluations of the binary form draw nothing: they keep the weights whose chance is above 1/2.
    Lanes train one after the other.
    """

    def __init__(
        self,
        network: dict[str, Any],
        optimiser: Optimiser,
        splits: Mapping[str, Split],
        states: Sequence[State],
        supermasks: Sequence[Supermask],
        decay: float,
        precision: Precision = "float32",
        label_smoothing: float = 0.0,
        device: str | None = None,
    ) -> None:
        """Take states as `supermask_of` or `states` gives them.

        decay: the share that each iteration takes off the scores, at the full learning rate.
        """
        masks: list[Masks] = [{} for _ in states]
        super().__init__(
            network, optimiser, splits, states, masks, precision, label_smoothing, False, device
        )
        self._optimiser, self._decay = optimiser, decay
        self._supermasks = dict(zip(self._groups, supermasks, strict=True))
        self._frozen = {
            group: {n: to_tensor(array[None], self._device) for n, array in one.frozen.items()}
            for group, one in self._supermasks.items()
        }

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
            step = group.steps[0]
            group.step(*self._loss(self._masked(group, step), images, labels, noise))
            self._decay_scores(group, step)

    @torch.no_grad()
    def _decay_scores(self, group: Lanes, step: int) -> None:
        if not self._decay:
            return
        left = 1 - self._decay * self._optimiser.rate(step) / self._optimiser.learning_rate
        for name, scores in group.weights.items():
            if not is_running(name):
                scores.mul_(left)

    def _masked(self, group: Lanes, step: int | None) -> Tensors:
        """Return the weights of a lane under its scores; step: the iteration that draws, if any."""
        factors = self._factors(group, step)
        frozen, running = self._frozen[group], group.weights
        masked = {name: frozen[name] * factor for name, factor in factors.items()}
        return {**frozen, **{n: t for n, t in running.items() if is_running(n)}, **masked}

    def _factors(self, group: Lanes, step: int | None) -> Tensors:
        lane = self._supermasks[group]
        generator = None if step is None else stream(*lane.key, "supermask", step)
        found = {}
        for name, scores in group.weights.items():
            if is_running(name):
                continue
            if lane.form == "signed":
                found[name] = Signed.apply(scores, lane.thresholds[name])
            elif generator is None:
                found[name] = (scores > 0).float()
            else:
                drawn = generator.random(scores.shape, np.float32)
                found[name] = Binary.apply(scores, to_tensor(drawn, self._device))
        return found

    @torch.no_grad()
    def evaluate(self, split: str, pause: Pause = go_on) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy, float64 (lanes,), of the weights under their scores."""
        return self._evaluate([self._masked(group, None) for group in self._groups], split, pause)

    @torch.no_grad()
    def weights(self) -> list[Weights]:
        """Return a copy of the weights as their scores leave them: kept, inverted or 0."""
        return [group.lane(self._masked(group, None), 0) for group in self._groups]

    @property
    def masks(self) -> list[Masks]:
        """Which weights are not hidden, by lane."""
        with torch.no_grad():
            factors = [group.lane(self._factors(group, None), 0) for group in self._groups]
        return [{name: array != 0 for name, array in lane.items()} for lane in factors]
