"""Variants of data: exact on small arrays; what a key is not about stays as it was."""

from typing import Any

import numpy as np
import pytest

from lth_core.data.load import DEFAULTS
from lth_core.data.variants import (
    Part,
    blurred,
    of_classes,
    random_labels,
    share_of,
    shuffled_alike,
    shuffled_each,
    varied,
)

GENERATOR = np.random.default_rng(0)
NAMES = ("train", "validation", "test")


def part(count: int) -> Part:
    images = GENERATOR.integers(0, 256, (count, 3, 4, 6), dtype=np.uint8)
    return images, GENERATOR.integers(0, 10, count, dtype=np.uint8)


PARTS = {"train": part(40), "validation": part(8), "test": part(12)}


def changed(**keys: Any) -> dict[str, tuple[bool, bool]]:
    """Return, by part, whether `keys` change the images and the labels."""
    new = varied(PARTS, {**DEFAULTS, **keys}, 10)
    return {
        name: tuple(  # type: ignore[misc]
            not np.array_equal(a, b) for a, b in zip(new[name], PARTS[name], strict=True)
        )
        for name in NAMES
    }


@pytest.mark.parametrize(
    ("keys", "train", "others"),
    [
        ({}, (False, False), (False, False)),
        ({"labels": "random"}, (False, True), (False, False)),
        ({"pixels": "shuffled_each"}, (True, False), (False, False)),
        ({"pixels": "shuffled_alike"}, (True, False), (False, False)),
        ({"share": 0.5}, (True, True), (False, False)),
        ({"classes": [1, 2, 3]}, (True, True), (True, True)),
        ({"blur": 2}, (True, False), (True, False)),
    ],
)
def test_which_parts_a_key_changes(
    keys: dict[str, Any], train: tuple[bool, bool], others: tuple[bool, bool]
) -> None:
    assert changed(**keys) == {"train": train, "validation": others, "test": others}


def test_the_same_seed_gives_the_same_and_another_seed_another() -> None:
    def labels(seed: int) -> list[int]:
        keys = {**DEFAULTS, "labels": "random", "split_seed": seed}
        return varied(PARTS, keys, 10)["train"][1].tolist()

    assert labels(0) == labels(0) != labels(1)
    assert labels(0)[:8] == [9, 1, 6, 6, 8, 2, 1, 7]  # frozen: results rest on it


def test_random_labels_come_from_the_classes_that_are_kept() -> None:
    keys = {**DEFAULTS, "labels": "random", "classes": [2, 5]}
    images, labels = varied(PARTS, keys, 10)["train"]
    assert set(labels.tolist()) == {2, 5} and len(images) == len(labels)
    drawn = random_labels(1000, range(10), GENERATOR)
    assert drawn.dtype == np.uint8 and set(drawn.tolist()) == set(range(10))


def test_classes_are_kept_in_order_with_their_labels() -> None:
    images = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1)
    kept, labels = of_classes(images, np.array([3, 0, 7, 3, 1], np.uint8), [1, 3])
    assert kept.ravel().tolist() == [0, 3, 4]
    assert labels.tolist() == [3, 3, 1]


def test_squares_have_their_mean() -> None:
    image = np.array([[0, 2, 8, 8], [4, 8, 8, 9], [1, 0, 0, 0], [1, 0, 0, 255]], np.uint8)
    wanted = [[4, 4, 8, 8], [4, 4, 8, 8], [0, 0, 64, 64], [0, 0, 64, 64]]
    assert blurred(image[None, None], 2)[0, 0].tolist() == wanted
    assert np.array_equal(blurred(PARTS["train"][0], 1), PARTS["train"][0])


def test_a_smaller_share_is_part_of_a_larger_one_and_in_order() -> None:
    shares = [share_of(100, share, np.random.default_rng(0)) for share in (0.001, 0.1, 0.5, 1.0)]
    assert [len(share) for share in shares] == [1, 10, 50, 100]
    for smaller, larger in zip(shares, shares[1:], strict=False):
        assert set(smaller) <= set(larger)
        assert larger.tolist() == sorted(larger)


def test_pixels_shuffled_alike_are_so_in_all_images_and_channels() -> None:
    places = np.arange(24, dtype=np.uint8).reshape(4, 6)
    images = np.broadcast_to(places, (5, 3, 4, 6))
    shuffled = shuffled_alike(images, np.random.default_rng(0))
    assert np.array_equal(shuffled, np.broadcast_to(shuffled[0, 0], images.shape))
    assert sorted(shuffled[0, 0].ravel()) == list(range(24)) != shuffled[0, 0].ravel().tolist()


def test_pixels_shuffled_each_keep_their_colours() -> None:
    images = np.broadcast_to(np.arange(24, dtype=np.uint8).reshape(4, 6), (5, 3, 4, 6))
    shuffled = shuffled_each(images, np.random.default_rng(0))
    assert np.array_equal(shuffled[:, 0], shuffled[:, 2])
    assert len({image.tobytes() for image in shuffled}) == 5
    assert all(sorted(image[0].ravel()) == list(range(24)) for image in shuffled)
