"""A split resident on the device, and its batches for training and evaluation."""

from collections.abc import Iterator

import torch

from lth_core.data.split import Split
from lth_core.training.pytorch.augment import crop_and_flip
from lth_core.training.pytorch.lanes import to_tensor

# Examples evaluated at a time. On a CPU a convolution of 100 stays in the caches (1.6 times
# as fast as 500).
CHUNK = {"cpu": 100, "cuda": 1000}


class Resident:
    """The examples of one split, on a device."""

    def __init__(self, split: Split, device: torch.device) -> None:
        self._device = device
        self._images = to_tensor(split.images, device)
        self._labels = to_tensor(split.labels, device).long()

    def __len__(self) -> int:
        return len(self._labels)

    def batch(
        self, rows: torch.Tensor, crops: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return images (lanes, batch, ...) and labels (lanes, batch) of the given rows.

        rows: (lanes, batch). crops: (lanes, batch, 3) as in `Batches`, or None to leave the
        images as they are.
        """
        images = self._images.index_select(0, rows.flatten())
        labels = self._labels.index_select(0, rows.flatten())
        if crops is not None:
            images = crop_and_flip(images, crops.flatten(0, 1))
        return self._laid_out(images).unflatten(0, rows.shape), labels.unflatten(0, rows.shape)

    def chunks(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield all images and labels in order, some at a time."""
        chunk = CHUNK[self._device.type]
        for images, labels in zip(
            self._images.split(chunk), self._labels.split(chunk), strict=True
        ):
            yield self._laid_out(images), labels

    def _laid_out(self, images: torch.Tensor) -> torch.Tensor:
        """Return `images` in the order in memory that convolutions are fastest with."""
        if images.ndim != 4:
            return images
        return images.contiguous(memory_format=torch.channels_last)
