"""The examples of a split as the sparse kernel takes them."""

import ctypes

import numpy as np

from lth_core.data.split import Split
from lth_core.training.sparse.layout import pointer


class Images(ctypes.Structure):
    """The kernel's struct Images. Keeps the arrays that it points to alive."""

    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("pixels", "factor", "offset", "inverse_norm")),
        ("features", ctypes.c_int32),
    ]

    @classmethod
    def of(cls, split: Split) -> "Images":
        """Return the images of `split`."""
        arrays: list[np.ndarray] = [split.pixels, split.factor, split.offset]
        if split.norm is not None:
            with np.errstate(divide="ignore"):  # a black image has no direction: NaN, as divided
                arrays.append(1 / split.norm)
        made = cls(*map(pointer, arrays), features=len(split.factor))
        made.arrays = arrays
        return made
