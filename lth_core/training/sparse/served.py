"""What the sparse engine serves; PyTorch trains the rest. Read by plans, so nothing heavy here."""

from collections.abc import Mapping
from typing import Any


def refusal(network: Mapping[str, Any], training: Mapping[str, Any]) -> str | None:
    """Return why the sparse engine does not serve a run, in a few words; None if it does.

    network, training: a run's settings, keys at their defaults included.
    """
    types = {layer["type"] for layer in network["layers"]}
    if types - {"dense"}:
        return f"a layer of type {min(types - {'dense'})}"
    if training["augmentation"] != "none":
        return f"augmentation {training['augmentation']}"
    if training["precision"] != "float32":
        return f"precision {training['precision']}"
    return None
