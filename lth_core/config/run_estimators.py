"""Typed models of the statistics of runs, one per set of keys."""

from typing import Literal, Self

from pydantic import Field, model_validator

from lth_core.config.block import Block
from lth_core.config.measured import AtSize, InRange, Measured, OfExperiment, Other, Range, Size


class Value(AtSize):
    """The mean, or by how much it is smaller than the dense network's."""

    estimator: Literal["value", "reduction"]


class Difference(AtSize):
    """The mean less another."""

    estimator: Literal["difference"]
    minus: Other = Field(description="What is subtracted.")


class Ratio(AtSize):
    """The mean divided by another."""

    estimator: Literal["ratio"]
    over: Other = Field(description="The divisor.")


class Extreme(OfExperiment):
    """The largest or smallest mean over sizes."""

    estimator: Literal["extreme"]
    which: Literal["largest", "smallest"] = Field(description="Which of them.")
    sizes: Range | None = Field(None, description="Only these sizes; null: all.")


class Best(OfExperiment):
    """What is said of the best mean over all sizes."""

    estimator: Literal["largest_gain", "largest_speedup", "size_of_best"]


class Matching(OfExperiment):
    """Sizes at which the mean is at least as good as a reference, less a margin."""

    dense: str | None = Field(
        None, description="Experiment whose dense network is the reference; null: its own."
    )
    threshold: float | None = Field(None, description="A fixed reference instead.")
    margin: float = Field(0.0, ge=0, description="How much worse still matches.")
    reach: float = Field(
        100.0, description="The runs must go down to this size, or the question is open."
    )


class SmallestMatching(Matching):
    """The smallest of them."""

    estimator: Literal["smallest_matching"]
    pruned: bool = Field(False, description="Say the percent pruned, not that which remains.")

    @model_validator(mode="after")
    def _in_percent(self) -> Self:
        if self.x != "percent":
            raise ValueError(f"x should be percent, which this estimator is about, found {self.x}")
        return self


class FirstMatching(Matching):
    """Where, with pruning, they begin or end."""

    estimator: Literal["first_better", "first_worse", "back_at_dense"]


class Trend(InRange):
    """Spearman's rank correlation of the mean with pruning: 1 rises all the way, -1 falls."""

    estimator: Literal["trend"]


class Agreement(InRange):
    """Spearman's rank correlation over sizes of two measures."""

    estimator: Literal["agreement"]
    and_: Measured = Field(alias="and", description="The second measure.")


class Turn(InRange):
    """How far a curve rises to a peak (falls to a dip) and comes back: the lesser of the two.

    The place of the peak is chosen on the other trials, so that noise alone makes none.
    """

    estimator: Literal["turn"]
    shape: Literal["peak", "dip"] = Field(description="Up then down, or down then up.")


class Threshold(InRange):
    """Percent of sizes, or of runs, on one side of a threshold."""

    estimator: Literal["share_of_sizes", "failing"]
    threshold: float = Field(description="What a network that learns exceeds.")


class Point(Block):
    """One point of an order."""

    experiment: str = Field(description="Its name.")
    size: Size = Field(description="Size, or range whose mean is taken.")


class Order(Measured):
    """The smallest step between neighbours that should rise."""

    estimator: Literal["order"]
    points: list[Point] = Field(min_length=2, description="In the order in which they rise.")


class OfExperiments(Measured):
    """A measure of several experiments at a size."""

    experiments: list[str] = Field(min_length=1, description="Names or patterns, in order.")
    size: Size = Field(description="Size, or range whose mean is taken.")


class Among(OfExperiments):
    """Spearman's rank correlation of the means with the experiments' order, or the best mean."""

    estimator: Literal["order_trend", "best_of"]


class Spread(OfExperiments):
    """Largest less (or divided by) smallest mean of several experiments."""

    estimator: Literal["spread"]
    by: Literal["difference", "ratio"] = Field(description="How the two are compared.")


class Lead(OfExperiments):
    """By how much the worst of a group is better than the best of the rest."""

    estimator: Literal["lead"]
    rest: list[str] = Field(min_length=1, description="Names or patterns; the group is left out.")
