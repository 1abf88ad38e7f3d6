"""Typed models of the statistics of histograms over a ticket's weights."""

from typing import Literal

from pydantic import Field

from lth_core.config.block import Block
from lth_core.tables.columns import Quantity


class OfHistogram(Block):
    """One histogram of an experiment's tickets."""

    experiment: str = Field(description="Its name.")
    quantity: Quantity = Field(description="What is binned.")
    layer: str = Field(description="Layer, e.g. fc1; `input` for outgoing connections of pixels.")
    group: Literal["", "in_ticket", "not_in_ticket"] = Field("", description="Which weights.")
    round: int = Field(ge=0, description="Round of the ticket.")


class HistogramMean(OfHistogram):
    """Mean value, or mean magnitude."""

    estimator: Literal["histogram_mean"]
    magnitude: bool = Field(False, description="Of the magnitudes.")


class HistogramShape(OfHistogram):
    """What its shape is, over the trials' mean."""

    estimator: Literal[
        "positive_share", "centre_to_peak", "histogram_spread", "peaks", "trial_agreement"
    ]


class Overlap(OfHistogram):
    """Area shared with the histogram of another round: 1 for the same shape."""

    estimator: Literal["overlap"]
    other_round: int = Field(ge=0, description="That round.")
