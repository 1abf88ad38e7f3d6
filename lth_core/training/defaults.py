"""Defaults of the keys that config/ need not name and a job's settings leave out.

Settings are hashed and compared without these keys, so that a key added later makes nothing stale.
They stand here once more, as part of the code, so that a default that changes does. A test compares
them with the models of lth_core/config.
"""

from collections.abc import Mapping
from typing import Any

from lth_core.data.load import DEFAULTS as DATASET
from lth_core.networks.defaults import completed_network

TRAINING: Mapping[str, Any] = {
    "warmup": 0,
    "drops": [],
    "drop_factor": 0.1,
    "schedule": "constant",
    "momentum": 0.9,
    "nesterov": False,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
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


def completed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's settings with the keys at their defaults."""
    blocks = {"initialisation": INITIALISATION}
    if "dataset" in settings:  # XOR networks have no data set, and are trained in another way
        blocks |= {"training": TRAINING, "dataset": DATASET}
    filled = {key: {**block, **settings[key]} for key, block in blocks.items()}
    network = completed_network(settings["network"])
    return {"snapshot": None, **settings, "network": network, **filled}
