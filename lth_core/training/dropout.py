"""Dropout's noise, drawn on the CPU, so that every device and packing sees the same."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lth_core.networks.shapes import steps
from lth_core.streams import stream

# Maps seeds (lanes,) or None, and the batch size, to arrays (lanes, batch, ...).
Noise = Callable[[np.ndarray | None, int], list[np.ndarray]]


def noise_function(network: dict[str, Any]) -> Noise:
    """Return `noise(seeds, batch)`: a float32 array for every dropout layer of `network`.

    An entry is 0 where a value is dropped and 1 / (1 - rate) elsewhere, which keeps the
    expectation, so that nothing is scaled when measuring. Without dropout layers it is empty.

    `noise` raises ValueError for dropout layers without seeds.
    """
    layers = [step for step in steps(network) if step.spec["type"] == "dropout"]

    def noise(seeds: np.ndarray | None, batch: int) -> list[np.ndarray]:
        if not layers:
            return []
        if seeds is None:
            raise ValueError("batches: the network has dropout, but there are no seeds")
        return [
            np.stack([_draw(seed, i, layer.spec["rate"], (batch, *layer.output)) for seed in seeds])
            for i, layer in enumerate(layers)
        ]

    return noise


def _draw(seed: int, layer: int, rate: float, shape: tuple[int, ...]) -> np.ndarray:
    kept = stream(int(seed), layer).random(shape, np.float32) >= rate
    return kept * np.float32(1 / (1 - rate))
