"""Mask sources: the first factor of an arm. Each is a pure function, found by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lth_core.networks.shapes import Layer, Masks
from lth_core.pruning import score
from lth_core.pruning.count import pools
from lth_core.pruning.mask import dense, keep_highest


@dataclass(frozen=True)
class MaskInputs:
    """What a mask source may draw on.

    initial: the trial's original initial weights. trained and previous: weights and mask
    of the run that is pruned, where the source prunes a trained run. ticket: the mask of
    another experiment, where the source takes it over. generator: the run's mask stream.
    """

    layers: Sequence[Layer]
    initial: Mapping[str, np.ndarray]
    trained: Mapping[str, np.ndarray] | None
    previous: Masks | None
    ticket: Masks | None
    generator: np.random.Generator


def _dense(settings: Mapping[str, Any], inputs: MaskInputs) -> Masks:
    return dense(inputs.layers)


def _trained_magnitude(settings: Mapping[str, Any], inputs: MaskInputs) -> Masks:
    """Prune the smallest magnitudes of a trained run (Section 1, steps 3 and 4)."""
    assert inputs.trained is not None and inputs.previous is not None
    return _by_magnitude(settings, inputs, inputs.trained, inputs.previous)


def _magnitude_at_init(settings: Mapping[str, Any], inputs: MaskInputs) -> Masks:
    """Prune the initial weights themselves (Appendix F.4)."""
    return _by_magnitude(settings, inputs, inputs.initial, dense(inputs.layers))


def _random(settings: Mapping[str, Any], inputs: MaskInputs) -> Masks:
    """Keep a random set of the same size (Section 1, Figure 1)."""
    scores = {
        layer.weight: score.random(inputs.initial[layer.weight], inputs.generator)
        for layer in inputs.layers
    }
    return keep_highest(scores, dense(inputs.layers), _pools(settings, inputs))


def _of(settings: Mapping[str, Any], inputs: MaskInputs) -> Masks:
    assert inputs.ticket is not None
    return inputs.ticket


def _shuffled(settings: Mapping[str, Any], inputs: MaskInputs) -> Masks:
    """Keep as many weights of each layer as the ticket has, at random places (v1, control 2)."""
    assert inputs.ticket is not None
    masks: Masks = {}
    for name, kept in inputs.ticket.items():
        masks[name] = inputs.generator.permutation(kept.ravel()).reshape(kept.shape)
    return masks


def _by_magnitude(
    settings: Mapping[str, Any],
    inputs: MaskInputs,
    weights: Mapping[str, np.ndarray],
    previous: Masks,
) -> Masks:
    scores = {layer.weight: score.magnitude(weights[layer.weight]) for layer in inputs.layers}
    return keep_highest(scores, previous, _pools(settings, inputs))


def _pools(settings: Mapping[str, Any], inputs: MaskInputs) -> list[Any]:
    return list(pools(inputs.layers, settings["keep"], settings["scope"]))


MASK_SOURCES: dict[str, Callable[[Mapping[str, Any], MaskInputs], Masks]] = {
    "dense": _dense,
    "imp": _trained_magnitude,
    "oneshot": _trained_magnitude,
    "random": _random,
    "magnitude_at_init": _magnitude_at_init,
    "of": _of,
    "shuffled": _shuffled,
}


def make_masks(settings: Mapping[str, Any], inputs: MaskInputs) -> Masks:
    """Return the masks that `settings` (source, keep, scope) ask for, by weight name."""
    return MASK_SOURCES[settings["source"]](settings, inputs)
