"""Defaults of a network's keys, which need not be given: those of the paper's networks."""

from collections.abc import Mapping
from typing import Any

NETWORK: Mapping[str, Any] = {"activation": "relu"}
LAYERS: Mapping[str, Mapping[str, Any]] = {
    "conv": {"kernel": 3, "stride": 1, "padding": None, "batch_norm": False},
    "dense": {"batch_norm": False},
    "max_pool": {"size": 2},
    "average_pool": {"size": 2},
    "residual": {"stride": 1},
}


def completed_network(network: Mapping[str, Any]) -> dict[str, Any]:
    """Return an architecture with the keys at their defaults."""
    layers = [{**LAYERS.get(layer["type"], {}), **layer} for layer in network["layers"]]
    return {**NETWORK, **network, "layers": layers}
