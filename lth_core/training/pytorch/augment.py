"""Random crops and flips of a batch of images, from draws made elsewhere."""

import torch
import torch.nn.functional as F

from lth_core.training.batches import PADDING


def crop_and_flip(images: torch.Tensor, crops: torch.Tensor) -> torch.Tensor:
    """Return every image of `images` (N, C, H, W) at its place in `crops` (N, 3) int64.

    crops: flip (0 or 1), top and left (0 to 2 PADDING), as `Batches` has them. The image is
    padded by zeros after it was scaled, so the border is a pixel's mean where pixels are
    standardised; then cropped to its own size, then mirrored if flip is 1.
    """
    height, width = images.shape[2:]
    flip, top, left = crops.unbind(1)
    rows = top[:, None] + torch.arange(height, device=images.device)
    columns = torch.arange(width, device=images.device)
    columns = left[:, None] + torch.where(flip[:, None] == 1, columns.flip(0), columns)
    image = torch.arange(len(images), device=images.device)[:, None, None]
    padded = F.pad(images, (PADDING,) * 4)
    # Indices apart from each other put the channels last.
    return padded[image, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
