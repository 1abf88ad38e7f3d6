"""A small dense network and images of noise, for tests of loops."""

import numpy as np

from lth_core.config.architecture import Architecture
from lth_core.data.split import Split
from lth_core.networks.shapes import weight_layers

NETWORK = Architecture.model_validate(
    {"input": [36], "layers": [{"type": "dense", "units": 8}], "classes": 3}
).model_dump()
LAYERS = weight_layers(NETWORK)
INITIALISATION = {"distribution": "glorot_normal", "std": None, "truncate": 2.0}


def split(examples: int) -> Split:
    rng = np.random.default_rng(examples)
    pixels = rng.integers(0, 256, (examples, 36), np.uint8)
    scale = np.full(36, 1 / 255, np.float32), np.zeros(36, np.float32)
    return Split(pixels, rng.integers(0, 3, examples).astype(np.uint8), *scale)


SPLITS = {"train": split(300), "validation": split(70), "test": split(130)}
