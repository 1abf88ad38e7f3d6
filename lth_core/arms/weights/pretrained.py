"""Trained dense weights of another experiment, such as one on other data."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from lth_core.arms.source import WEIGHTS, Inputs, Parent, WeightSettings
from lth_core.networks.shapes import Weights


class Settings(WeightSettings):
    """The trained weights of another experiment's dense network, in place of theta_0."""

    source: Literal["pretrained"]
    experiment: str = Field(description="Name of that experiment.")

    @property
    def experiments(self) -> dict[str, str]:
        """The one that trains them."""
        return {"experiment": self.experiment}

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return its dense run, in all rounds."""
        return {"pretrained": Parent(self.experiment, 0, (WEIGHTS,))}


def weights(settings: Mapping[str, Any], inputs: Inputs) -> Weights:
    """Return the trained dense weights."""
    pretrained = inputs.parents["pretrained"].weights
    assert pretrained is not None
    return pretrained
