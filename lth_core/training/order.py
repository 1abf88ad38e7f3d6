"""The order in which a run sees the training examples."""

import numpy as np

from lth_core.streams import stream


class DataOrder:
    """Batches of one run: a new permutation each epoch, from the run's own stream.

    Each epoch's permutation has a stream of its own, so a resumed run needs no position,
    and batches are the same on every engine and device. A batch may straddle two epochs
    (916.7 batches make an epoch of 55,000 examples, Section 2), or, with `drop_last`, the
    examples that do not fill the last batch of an epoch are left out (VGG-19: 703 batches
    of 64 from 45,000, Section 4).
    """

    def __init__(self, examples: int, batch_size: int, drop_last: bool, *key: str | int) -> None:
        self._examples = examples
        # Examples of one epoch that are used.
        self._used = examples // batch_size * batch_size if drop_last else examples
        self._batch_size = batch_size
        self._key = key
        self._epochs: dict[int, np.ndarray] = {}

    def batches(self, start: int, stop: int) -> np.ndarray:
        """Return row indices, int32 (stop - start, batch_size), of iterations start..stop-1."""
        first, last = start * self._batch_size, stop * self._batch_size
        epochs = range(first // self._used, (last - 1) // self._used + 1)
        # Only the epochs in use are kept: at most two at a time.
        known = self._epochs
        self._epochs = {e: known[e] if e in known else self._draw(e) for e in epochs}
        rows = np.concatenate([self._epochs[epoch] for epoch in epochs])
        offset = epochs[0] * self._used
        return rows[first - offset : last - offset].reshape(-1, self._batch_size)

    def _draw(self, epoch: int) -> np.ndarray:
        order = stream(*self._key, "epoch", epoch).permutation(self._examples)
        return order[: self._used].astype(np.int32)
