"""Full-batch gradient descent on the four points of XOR, for many networks side by side.

Arrays have the networks (lanes) on their last axis, and every sum over units or points is
written out, so that a network's bits do not depend on how many are trained beside it.
"""

import numpy as np

from lth_core.networks.shapes import Weights
from lth_core.xor.points import POINTS, TARGETS


class Networks:
    """Networks 2-H-1 with ReLU units, a sigmoid output and cross-entropy as their loss.

    weights: `fc1.weight` (lanes, H, 2), `fc1.bias` (lanes, H), `output.weight` (lanes, 1, H),
    `output.bias` (lanes, 1), float32, as all weights that come in and go out.
    """

    def __init__(self, weights: Weights) -> None:
        def lanes_last(array: np.ndarray) -> np.ndarray:
            return np.array(np.moveaxis(array, 0, -1), dtype=np.float32, order="C")

        self._w = lanes_last(weights["fc1.weight"])  # unit, input, lane
        self._b = lanes_last(weights["fc1.bias"])  # unit, lane
        self._v = lanes_last(weights["output.weight"][:, 0])  # unit, lane
        self._c = lanes_last(weights["output.bias"][:, 0])  # lane
        points, (units, lanes) = len(POINTS), self._b.shape
        self._before, self._active, self._product, self._on = (
            np.empty((points, units, lanes), dtype=np.float32) for _ in range(4)
        )
        self._logit, self._error = (np.empty((points, lanes), dtype=np.float32) for _ in range(2))

    @property
    def weights(self) -> Weights:
        """The weights as they are now."""
        return {
            "fc1.weight": np.ascontiguousarray(self._w.transpose(2, 0, 1)),
            "fc1.bias": np.ascontiguousarray(self._b.T),
            "output.weight": np.ascontiguousarray(self._v.T[:, None, :]),
            "output.bias": self._c[:, None].copy(),
        }

    def logits(self) -> np.ndarray:
        """Return the outputs before the sigmoid, (lanes, points)."""
        self._forward()
        return np.ascontiguousarray(self._logit.T)

    def step(self, rate: float) -> None:
        """Go one step down the gradient of the mean loss over the four points."""
        self._forward()
        # Derivative of the loss by the logits: (sigmoid - target) / points.
        error = self._error
        np.negative(self._logit, out=error)
        np.exp(error, out=error)
        error += 1
        np.reciprocal(error, out=error)
        error -= TARGETS[:, None]
        error *= np.float32(rate / len(POINTS))

        product = self._product
        np.multiply(self._active, error[:, None], out=product)
        np.greater(self._before, 0, out=self._on)
        self._on *= error[:, None]
        self._on *= self._v
        self._v -= _over_points(product)
        for p, (first, second) in enumerate(POINTS):
            if first:
                self._w[:, 0] -= self._on[p]
            if second:
                self._w[:, 1] -= self._on[p]
        self._b -= _over_points(self._on)
        self._c -= _over_points(error)

    def _forward(self) -> None:
        before, product, logit = self._before, self._product, self._logit
        for p, (first, second) in enumerate(POINTS):
            before[p] = self._b
            if first:
                before[p] += self._w[:, 0]
            if second:
                before[p] += self._w[:, 1]
        np.maximum(before, 0, out=self._active)
        np.multiply(self._active, self._v, out=product)
        logit[:] = self._c
        for unit in range(product.shape[1]):
            logit += product[:, unit]


def train(start: Weights, iterations: int, rate: float) -> Networks:
    """Return the networks after `iterations` steps from the weights `start`."""
    networks = Networks(start)
    # A confident network's exponential may overflow; its reciprocal is then zero, as it should.
    with np.errstate(over="ignore"):
        for _ in range(iterations):
            networks.step(rate)
    return networks


def _over_points(values: np.ndarray) -> np.ndarray:
    """Return the sum over the four points; overwrites `values`."""
    values[0] += values[1]
    values[2] += values[3]
    values[0] += values[2]
    return values[0]
