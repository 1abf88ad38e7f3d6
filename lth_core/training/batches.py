"""Batches for the lanes of an engine: the examples, and the draws that go with them."""

from dataclasses import dataclass

import numpy as np

from lth_core.streams import stream
from lth_core.training.order import DataOrder

# Zeros around an image before it is cropped to its own size again (Section 4).
PADDING = 4


@dataclass(frozen=True)
class Batches:
    """A stretch of iterations.

    rows: int32 (lanes, iterations, batch), rows of the training set. crops: int64 (lanes,
    iterations, batch, 3): whether the image is flipped (0 or 1), then the top and left of its
    crop in the padded image (0 to 2 PADDING); None without augmentation. seeds: int64 (lanes,
    iterations), from which an iteration's dropout is drawn; None without dropout.
    """

    rows: np.ndarray
    crops: np.ndarray | None = None
    seeds: np.ndarray | None = None


class Draws:
    """The batches of one run: order, augmentation and dropout, each from a stream of its own.

    Each iteration has streams of its own, so that a resumed run needs no position and every
    device sees the same.
    """

    def __init__(self, order: DataOrder, augment: bool, dropout: bool, *key: str | int) -> None:
        self._order, self._augment, self._dropout, self._key = order, augment, dropout, key

    def between(self, start: int, stop: int) -> Batches:
        """Return the batches of iterations start..stop-1, without the axis of lanes."""
        rows = self._order.batches(start, stop)
        crops = self._crops(start, rows) if self._augment else None
        seeds = self._seeds(start, stop) if self._dropout else None
        return Batches(rows, crops, seeds)

    def _crops(self, start: int, rows: np.ndarray) -> np.ndarray:
        return np.stack([self._crop(start + i, rows.shape[1]) for i in range(len(rows))])

    def _crop(self, iteration: int, batch: int) -> np.ndarray:
        generator = stream(*self._key, "augmentation", iteration)
        flips = generator.integers(0, 2, size=(batch, 1))
        corners = generator.integers(0, 2 * PADDING + 1, size=(batch, 2))
        return np.concatenate([flips, corners], axis=1)

    def _seeds(self, start: int, stop: int) -> np.ndarray:
        keys = (stream(*self._key, "dropout", i) for i in range(start, stop))
        return np.array([int(generator.integers(0, 2**62)) for generator in keys], np.int64)


def of_lanes(draws: list[Draws], start: int, stop: int) -> Batches:
    """Return the batches of all lanes for iterations start..stop-1."""
    lanes = [lane.between(start, stop) for lane in draws]

    def stacked(name: str) -> np.ndarray | None:
        arrays = [getattr(lane, name) for lane in lanes]
        return None if arrays[0] is None else np.stack(arrays)

    rows = stacked("rows")
    assert rows is not None
    return Batches(rows, stacked("crops"), stacked("seeds"))
