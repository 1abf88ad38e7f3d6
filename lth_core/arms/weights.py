"""Weight sources: the second factor of an arm. Each is a pure function, found by name.

All return complete weights; the caller puts the mask over them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from lth_core.networks.shapes import Layer, Masks, Weights
from lth_core.streams import stream


@dataclass(frozen=True)
class WeightInputs:
    """What a weight source may draw on.

    initial: the trial's original initial weights. masks: the run's own masks. trained:
    final weights of the previous round, where training continues. rewound: weights of the
    dense run at an early iteration. ticket: the mask of another experiment, where the run's
    own is made from it. generator: the run's stream for starting weights, which differs
    between replicates.
    """

    layers: Sequence[Layer]
    initialisation: Mapping[str, Any]
    initial: Weights
    masks: Masks
    trained: Weights | None
    rewound: Weights | None
    ticket: Masks | None
    generator: np.random.Generator


def initial_weights(
    layers: Sequence[Layer], initialisation: Mapping[str, Any], seed: int, trial: int
) -> Weights:
    """Return theta_0 of a trial: float32 arrays by name; see `draw_weights`."""
    return draw_weights(layers, initialisation, stream(seed, trial, "initialisation"))


def draw_weights(
    layers: Sequence[Layer], initialisation: Mapping[str, Any], generator: np.random.Generator
) -> Weights:
    """Return one draw from the initial distribution.

    Biases, shifts and running means are zero, scales and running variances one. A draw
    beyond `truncate` standard deviations is drawn again and the variance is not corrected, as
    Figure 15 shows (its left panel ends at twice Glorot's sigma).
    """
    weights: Weights = {}
    for layer in layers:
        weights[layer.weight] = _normal(
            layer.shape, standard_deviation(layer, initialisation), initialisation, generator
        )
        for name, shape in list(layer.tensors.items())[1:]:
            fill = np.ones if name.endswith(("scale", "running_var")) else np.zeros
            weights[name] = fill(shape, dtype=np.float32)
    return weights


def standard_deviation(layer: Layer, initialisation: Mapping[str, Any]) -> float:
    """Return the nominal standard deviation of a layer's initial weights.

    glorot_normal: sqrt(2 / (fan_in + fan_out)) (Figure 2); normal: the given `std`.
    """
    if initialisation["distribution"] == "glorot_normal":
        return sqrt(2 / (layer.fan_in + layer.fan_out))
    return float(initialisation["std"])


def _normal(
    shape: tuple[int, ...],
    std: float,
    initialisation: Mapping[str, Any],
    generator: np.random.Generator,
) -> np.ndarray:
    values = generator.standard_normal(shape)
    limit = initialisation["truncate"]
    if limit is not None:
        beyond = np.abs(values) > limit
        while beyond.any():
            values[beyond] = generator.standard_normal(int(beyond.sum()))
            beyond = np.abs(values) > limit
    return (values * std).astype(np.float32)


def _original(settings: Mapping[str, Any], inputs: WeightInputs) -> Weights:
    return inputs.initial


def _reinit(settings: Mapping[str, Any], inputs: WeightInputs) -> Weights:
    """Draw anew from the distribution of the dense network (Section 1)."""
    return draw_weights(inputs.layers, inputs.initialisation, inputs.generator)


def _continue(settings: Mapping[str, Any], inputs: WeightInputs) -> Weights:
    """Go on from the trained weights (Appendix B, Strategy 2)."""
    assert inputs.trained is not None
    return inputs.trained


def _resample_from_ticket(settings: Mapping[str, Any], inputs: WeightInputs) -> Weights:
    """Draw, with replacement, from the layer's own surviving values (Appendix F.3)."""
    weights = dict(inputs.initial)
    for layer in inputs.layers:
        mask = inputs.masks[layer.weight]
        survivors = inputs.initial[layer.weight][mask]
        values = np.zeros(layer.shape, dtype=np.float32)
        values[mask] = inputs.generator.choice(survivors, size=survivors.size, replace=True)
        weights[layer.weight] = values
    return weights


def _rewind(settings: Mapping[str, Any], inputs: WeightInputs) -> Weights:
    """Go back to an early iteration of the dense run, not to theta_0."""
    assert inputs.rewound is not None
    return inputs.rewound


def _rearranged(settings: Mapping[str, Any], inputs: WeightInputs) -> Weights:
    """Put the ticket's own initial values, in random order, at the run's places (v1, control 2)."""
    assert inputs.ticket is not None
    weights = dict(inputs.initial)
    for layer in inputs.layers:
        survivors = inputs.initial[layer.weight][inputs.ticket[layer.weight]]
        values = np.zeros(layer.shape, dtype=np.float32)
        values[inputs.masks[layer.weight]] = inputs.generator.permutation(survivors)
        weights[layer.weight] = values
    return weights


def _noise(settings: Mapping[str, Any], inputs: WeightInputs) -> Weights:
    """Add Gaussian noise of `multiple` times the layer's nominal sigma (Appendix F.7)."""
    weights = dict(inputs.initial)
    for layer in inputs.layers:
        std = settings["multiple"] * standard_deviation(layer, inputs.initialisation)
        noise = inputs.generator.standard_normal(layer.shape) * std
        weights[layer.weight] = (inputs.initial[layer.weight] + noise).astype(np.float32)
    return weights


WEIGHT_SOURCES: dict[str, Callable[[Mapping[str, Any], WeightInputs], Weights]] = {
    "original": _original,
    "reinit": _reinit,
    "continue": _continue,
    "resample_from_ticket": _resample_from_ticket,
    "rearranged": _rearranged,
    "rewind": _rewind,
    "noise": _noise,
}


def starting_weights(settings: Mapping[str, Any], inputs: WeightInputs) -> Weights:
    """Return the weights that a run starts from, with pruned entries exactly zero."""
    weights = WEIGHT_SOURCES[settings["source"]](settings, inputs)
    return {
        name: np.where(inputs.masks[name], value, np.float32(0)) if name in inputs.masks else value
        for name, value in weights.items()
    }
