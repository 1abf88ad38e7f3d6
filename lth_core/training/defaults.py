"""What a job's settings leave out: keys at their defaults, which config/ need not name.

Settings are hashed and compared without these keys, so that a key added later makes nothing stale.
They stand here once more, as part of the code, so that a default that changes does. A test compares
them with the models of lth_core/config.
"""

from collections.abc import Mapping
from typing import Any

from lth_core.data.load import DEFAULTS as DATASET

TRAINING: Mapping[str, Any] = {
    "warmup": 0,
    "drops": [],
    "momentum": 0.9,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "weight_decay": 0.0,
    "drop_last": False,
    "augmentation": "none",
    "precision": "float32",
    "evaluate_every": 100,
}
INITIALISATION: Mapping[str, Any] = {
    "distribution": "glorot_normal",
    "std": None,
    "truncate": 2.0,
}
LAYERS: Mapping[str, Mapping[str, Any]] = {
    "conv": {"batch_norm": False},
    "max_pool": {"size": 2},
    "average_pool": {"size": 2},
    "residual": {"stride": 1},
}


def completed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's settings with the keys at their defaults."""
    network = settings["network"]
    layers = [{**LAYERS.get(layer["type"], {}), **layer} for layer in network["layers"]]
    blocks = {"initialisation": INITIALISATION}
    if "dataset" in settings:  # XOR networks have no data set, and are trained in another way
        blocks |= {"training": TRAINING, "dataset": DATASET}
    filled = {key: {**block, **settings[key]} for key, block in blocks.items()}
    return {"snapshot": None, **settings, "network": {**network, "layers": layers}, **filled}
