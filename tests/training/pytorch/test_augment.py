import numpy as np
import torch

from lth_core.training.pytorch.augment import crop_and_flip


def reference(image, flip, top, left):
    """One image (channels, height, width) in plain numpy."""
    height, width = image.shape[1:]
    padded = np.pad(image, ((0, 0), (4, 4), (4, 4)))
    cropped = padded[:, top : top + height, left : left + width]
    return cropped[:, :, ::-1] if flip else cropped


def test_crops_and_flips_are_those_of_numpy():
    random = np.random.default_rng(0)
    images = random.standard_normal((200, 3, 6, 5), np.float32)
    crops = np.concatenate(
        [random.integers(0, 2, (200, 1)), random.integers(0, 9, (200, 2))], axis=1
    )
    found = crop_and_flip(torch.tensor(images), torch.tensor(crops)).numpy()
    expected = [reference(image, *crop) for image, crop in zip(images, crops, strict=True)]
    np.testing.assert_array_equal(found, np.stack(expected))


def test_the_middle_crop_is_the_image():
    images = torch.rand(2, 3, 6, 5, generator=torch.Generator().manual_seed(0))
    crops = torch.tensor([[0, 4, 4], [1, 4, 4]])
    found = crop_and_flip(images, crops)
    assert torch.equal(found[0], images[0])
    assert torch.equal(found[1], images[1].flip(2))
