"""Which arrays are MNIST and CIFAR-10: their shapes and sha256, whatever file they came from."""

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lth_core.data.errors import DataError

Arrays = dict[str, NDArray[np.uint8]]


class Expected(NamedTuple):
    """Shape of a decoded uint8 array and the sha256 of its C-contiguous bytes."""

    shape: tuple[int, ...]
    sha256: str


DIGESTS: dict[str, dict[str, Expected]] = {
    "mnist": {
        "train_images": Expected(
            (60000, 28, 28), "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"
        ),
        "train_labels": Expected(
            (60000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"
        ),
        "test_images": Expected(
            (10000, 28, 28), "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"
        ),
        "test_labels": Expected(
            (10000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"
        ),
    },
    "cifar10": {
        "train_images": Expected(
            (50000, 32, 32, 3), "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a"
        ),
        "train_labels": Expected(
            (50000,), "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253"
        ),
        "test_images": Expected(
            (10000, 32, 32, 3), "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04"
        ),
        "test_labels": Expected(
            (10000,), "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5"
        ),
    },
}


def verify(dataset: str, arrays: Arrays) -> None:
    """Check the four decoded arrays of `dataset` against the table.

    Raises:
        DataError: an array has another shape or other bytes; names the array, what was
            expected and what was found.
    """
    for name, expected in DIGESTS[dataset].items():
        array = arrays[name]
        if array.dtype != np.uint8 or array.shape != expected.shape:
            raise DataError(
                f"{dataset} {name}: expected uint8 of shape {expected.shape}, "
                f"found {array.dtype} of shape {array.shape}"
            )
        found = hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
        if found != expected.sha256:
            raise DataError(f"{dataset} {name}: expected sha256 {expected.sha256}, found {found}")


def dataset_digest(dataset: str) -> str:
    """Return one sha256 for the whole data set: that of its four arrays' digests in order."""
    joined = "".join(expected.sha256 for expected in DIGESTS[dataset].values())
    return hashlib.sha256(joined.encode()).hexdigest()
