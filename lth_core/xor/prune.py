"""Pruning hidden units: score -> count -> mask, for many networks side by side."""

from collections.abc import Callable

import numpy as np

from lth_core.networks.shapes import Weights


def _input(weights: Weights) -> np.ndarray:
    """Mean magnitude of a unit's input weights."""
    return np.abs(weights["fc1.weight"]).mean(axis=2)


def _output(weights: Weights) -> np.ndarray:
    """Magnitude of a unit's output weight."""
    return np.abs(weights["output.weight"][:, 0])


def _product(weights: Weights) -> np.ndarray:
    """Magnitude of a unit's output weight times the summed magnitudes of its input weights."""
    return _output(weights) * np.abs(weights["fc1.weight"]).sum(axis=2)


# How much each unit deserves to stay, (lanes, units), from weights with lanes first; higher stays.
SCORES: dict[str, Callable[[Weights], np.ndarray]] = {
    "input": _input,
    "output": _output,
    "product": _product,
}


def keep_highest(scores: np.ndarray, previous: np.ndarray, keep: int) -> np.ndarray:
    """Return which units stay, bool (lanes, units): the `keep` highest of each lane's survivors.

    previous: which units there were. Of equal scores the unit with the lower index stays.

    Raises ValueError where a lane has fewer survivors than it should keep.
    """
    fewest = int(previous.sum(axis=1).min())
    if fewest < keep:
        raise ValueError(f"{fewest} units left, {keep} to keep")
    order = np.argsort(np.where(previous, -scores, np.inf), axis=1, kind="stable")
    units = np.zeros_like(previous)
    np.put_along_axis(units, order[:, :keep], True, axis=1)
    return units


def without_pruned(weights: Weights, units: np.ndarray) -> Weights:
    """Return the smaller networks that are left of `weights`, units in order of index.

    A unit goes with its input weights, bias and output weight. Every lane keeps as many.
    """
    kept = _kept(units)
    return {
        "fc1.weight": np.take_along_axis(weights["fc1.weight"], kept[:, :, None], axis=1),
        "fc1.bias": np.take_along_axis(weights["fc1.bias"], kept, axis=1),
        "output.weight": np.take_along_axis(weights["output.weight"], kept[:, None], axis=2),
        "output.bias": weights["output.bias"],
    }


def with_pruned(weights: Weights, units: np.ndarray) -> Weights:
    """Return the smaller networks in arrays of the dense ones' shapes; pruned units are zero."""
    kept = _kept(units)
    lanes, hidden = units.shape
    hidden_weights = np.zeros((lanes, hidden, 2), dtype=np.float32)
    bias = np.zeros((lanes, hidden), dtype=np.float32)
    output = np.zeros((lanes, 1, hidden), dtype=np.float32)
    np.put_along_axis(hidden_weights, kept[:, :, None], weights["fc1.weight"], axis=1)
    np.put_along_axis(bias, kept, weights["fc1.bias"], axis=1)
    np.put_along_axis(output, kept[:, None], weights["output.weight"], axis=2)
    return {
        "fc1.weight": hidden_weights,
        "fc1.bias": bias,
        "output.weight": output,
        "output.bias": weights["output.bias"],
    }


def _kept(units: np.ndarray) -> np.ndarray:
    """Return the indices of the units that stay, (lanes, count)."""
    return np.nonzero(units)[1].reshape(len(units), -1)
