"""theta_0 mapped to the other distributions that open_lth offers for initial weights."""

from collections.abc import Callable, Mapping
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.initial import standard_deviation
from lth_core.networks.shapes import Layer, Weights


def _uniform(initial: np.ndarray, bound: float) -> np.ndarray:
    """Return values evenly spread between plus and minus `bound`, in the order of `initial`."""
    places = np.argsort(np.argsort(initial, axis=None, kind="stable"), kind="stable")
    return (bound * ((2 * places + 1) / initial.size - 1)).reshape(initial.shape)


def _orthogonal(initial: np.ndarray) -> np.ndarray:
    """Return a matrix (out, fan_in) of orthonormal rows, or columns where they are fewer."""
    flat = initial.reshape(len(initial), -1).astype(np.float64)
    tall = flat if flat.shape[0] >= flat.shape[1] else flat.T
    q, r = np.linalg.qr(tall)
    q = q * np.where(np.diag(r) < 0, -1, 1)  # else signs depend on the LAPACK routine
    return (q if tall is flat else q.T).reshape(initial.shape)


# From theta_0 of a layer, and its nominal deviation, to the weights.
_MADE: dict[str, Callable[[np.ndarray, Layer, float], np.ndarray]] = {
    "he_normal": lambda initial, la, std: initial * (sqrt(2 / la.fan_in) / std),
    "he_uniform": lambda initial, la, std: _uniform(initial, sqrt(6 / la.fan_in)),
    "binary": lambda initial, la, std: np.sign(initial) * sqrt(2 / la.fan_in),
    "orthogonal": lambda initial, la, std: _orthogonal(initial),
}
if TYPE_CHECKING:
    Distribution = str
else:
    Distribution = Literal[tuple(_MADE)]


class Settings(WeightSettings):
    """theta_0 in another distribution: resets go back to the same values in all rounds."""

    source: Literal["redistributed"]
    distribution: Distribution = Field(
        description="`he_normal` has the variance 2 / fan_in, truncated as theta_0 is; `he_uniform`"
        " the same variance, evenly spread; `binary` the signs of theta_0, at its deviation;"
        " `orthogonal` orthonormal rows or columns."
    )


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return theta_0 with the weights of every layer in the distribution."""
    found = dict(inputs.initial)
    made = _MADE[settings["distribution"]]
    for layer in inputs.layers:
        std = standard_deviation(layer, inputs.initialisation)
        found[layer.weight] = made(inputs.initial[layer.weight], layer, std).astype(np.float32)
    return found
