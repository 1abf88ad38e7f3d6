"""The order in which a run sees the training examples."""

import numpy as np

from lth_core.streams import stream


class DataOrder:
    """Batches of one run: a new permutation each epoch, from the run's own stream.

    Each epoch's permutation has a stream of its own, so a resumed run needs no position,
    and batches are the same on every engine and device. A batch may straddle two epochs:
    916.7 batches make an epoch of 55,000 examples (Section 2).
    """

    def __init__(self, examples: int, batch_size: int, *key: str | int) -> None:
        self._examples = examples
        self._batch_size = batch_size
        self._key = key
        self._epochs: dict[int, np.ndarray] = {}

    def batches(self, start: int, stop: int) -> np.ndarray:
        """Return row indices, int32 (stop - start, batch_size), of iterations start..stop-1."""
        first, last = start * self._batch_size, stop * self._batch_size
        epochs = range(first // self._examples, (last - 1) // self._examples + 1)
        # Only the epochs in use are kept: at most two at a time.
        known = self._epochs
        self._epochs = {e: known[e] if e in known else self._draw(e) for e in epochs}
        rows = np.concatenate([self._epochs[epoch] for epoch in epochs])
        offset = epochs[0] * self._examples
        return rows[first - offset : last - offset].reshape(-1, self._batch_size)

    def _draw(self, epoch: int) -> np.ndarray:
        return stream(*self._key, "epoch", epoch).permutation(self._examples).astype(np.int32)
