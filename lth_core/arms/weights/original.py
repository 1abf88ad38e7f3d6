"""The original initial weights: what makes a subnetwork a ticket (Section 1, step 4)."""

from collections.abc import Mapping
from typing import Any, Literal

from lth_core.arms.source import Inputs, WeightSettings
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """theta_0, the trial's original initial weights."""

    source: Literal["original"]


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return theta_0."""
    return inputs.initial
