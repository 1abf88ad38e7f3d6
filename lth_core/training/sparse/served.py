"""Networks for the sparse engine; PyTorch trains the rest. Read by plans, so nothing heavy here."""

from collections.abc import Mapping
from typing import Any


def refusal(network: Mapping[str, Any], training: Mapping[str, Any]) -> str | None:
    """Return why the sparse engine does not serve a run, in a few words; None if it does.

    network, training: a run's settings, keys at their defaults included.
    """
    if network["activation"] != "relu":
        return f"activation {network['activation']}"
    if any(layer["type"] == "dense" and layer["batch_norm"] for layer in network["layers"]):
        return "batch norm on a dense layer"
    if training["label_smoothing"]:
        return "label smoothing"
    if training["precision"] != "float32":
        return f"precision {training['precision']}"
    return None
