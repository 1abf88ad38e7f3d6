"""Which scalings data do not allow: those that would divide by zero."""

import numpy as np

from lth_core.data.dataset import Arrays
from lth_core.data.layout import channel_statistics


def unfit(arrays: Arrays) -> dict[str, str]:
    """Return what each such scaling would divide by, in words; arrays: those of `DataSet`.

    Blurring and choosing classes, as variants do, is not looked at.
    """
    found = {}
    _, deviation = channel_statistics(arrays["train_images"])
    if not deviation.all():
        channel = np.flatnonzero(deviation == 0)[0]
        found["standardise"] = f"the deviation of channel {channel} of train_images, which is 0"
    for name in ("train_images", "test_images"):
        black = np.flatnonzero(~arrays[name].reshape(len(arrays[name]), -1).any(axis=1))
        if len(black):
            found.setdefault("l2", f"the length of image {black[0]} of {name}, which is all black")
    return found
