"""Typed models of the statistics behind claims, one per set of keys.

What each computes is in lth_core/claims/, in a function of the estimator's name. Accuracies are in
percent, so that differences are percentage points. A size is the percent of weights that remain
unless `x` says otherwise.
"""

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from lth_core.config.block import Block, Pair
from lth_core.config.patience import Patience
from lth_core.tables.columns import MEASURES, Quantity

if TYPE_CHECKING:
    Measure = str
else:
    Measure = Literal[tuple(MEASURES)]
Range = Pair


def _is_size(value: Any) -> Any:
    numbers = value if isinstance(value, list | tuple) and len(value) == 2 else [value]
    if not all(type(number) in (int, float) and isfinite(number) for number in numbers):
        raise ValueError("should be a size such as 21.1, or a range such as [51.3, 5]")
    return value


# Runs that end at most this factor above a size are read as reaching it.
REACH = 1.25
# One size, or a range from the largest to the smallest whose mean counts.
Size = Annotated[float | Range, BeforeValidator(_is_size)]


class Measured(Block):
    """What is measured of every run, and along which axis runs are compared."""

    y: Measure = Field(description="Measure of a run.")
    at: float | None = Field(
        None,
        description="Of `test_accuracy` and `validation_accuracy`: the paper's iteration; of"
        " `iterations_to_accuracy`: the test accuracy in percent.",
    )
    of: int | None = Field(
        None, gt=0, description="The paper's length of a run, so that `at` scales with it."
    )
    patience: Patience | None = Field(None, description="Of `patience_iteration`: how it stops.")
    reference: str | None = Field(
        None,
        description="Of `winning`: the experiment whose dense network is to be matched; null: its"
        " own. Of `mask_distance` and `mask_overlap`: the one whose masks are compared.",
    )
    x: Literal["percent", "weights", "round", "units"] = Field(
        "percent", description="Axis that sizes are on."
    )

    @model_validator(mode="after")
    def _at_fits(self) -> Self:
        if (self.y in ("test_accuracy", "validation_accuracy")) != (self.of is not None):
            raise ValueError(f"`at` and `of` belong to test_accuracy and validation_accuracy, "
                             f"and y is {self.y}")  # fmt: skip
        if (self.of is not None or self.y == "iterations_to_accuracy") != (self.at is not None):
            raise ValueError(f"`at` is missing, or means nothing to y {self.y}")
        if (self.y == "patience_iteration") != (self.patience is not None):
            raise ValueError(f"`patience` belongs to patience_iteration, and y is {self.y}")
        compared = MEASURES[self.y].table == "distances"
        if compared and self.reference is None:
            raise ValueError(f"`reference` is missing, which y {self.y} needs")
        if self.reference is not None and self.y != "winning" and not compared:
            raise ValueError(f"`reference` belongs to winning and to measures of two masks, and y"
                             f" is {self.y}")  # fmt: skip
        return self

    @model_validator(mode="after")
    def _sizes_are_shares(self) -> Self:
        for key in ("size", "sizes") if self.x == "percent" else ():
            size = getattr(self, key, None)
            numbers = size if isinstance(size, tuple) else [] if size is None else [size]
            for number in numbers:
                if not 0 < number <= 100:
                    raise ValueError(f"{key}: found {number:g}, should be a percent up to 100")
        return self


class OfExperiment(Measured):
    """A measure of one experiment."""

    experiment: str = Field(
        description="Its name, or a pattern such as `lenet_adamlr_*`: then each must hold."
    )


class AtSize(OfExperiment):
    """Its mean over trials at a size."""

    size: Size = Field(description="Size, or range whose mean is taken.")


class InRange(OfExperiment):
    """Its means at several sizes."""

    sizes: Range = Field(description="From the largest to the smallest size.")


class Other(Block):
    """What a value is compared with: whatever is left out is as in the value itself."""

    experiment: str | None = Field(None, description="Another experiment.")
    size: Size | None = Field(None, description="Another size; 100 is the dense network.")
    y: Measure | None = Field(None, description="Another measure.")

    @model_validator(mode="after")
    def _measure_needs_nothing_else(self) -> Self:
        try:
            Measured.model_validate({"y": self.y or "end_test_accuracy"})
        except ValidationError:
            raise ValueError(
                f"y: {self.y} needs keys of its own: write a `contrast` of two statistics"
            ) from None
        return self


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


class WeightCount(Block):
    """Weights of an architecture, exactly, or their percent of all."""

    estimator: Literal["weight_count"]
    architecture: str = Field(description="Name of a file in config/architectures/.")
    kinds: list[Literal["conv", "fc", "output", "shortcut"]] = Field(
        default=["conv", "fc", "output", "shortcut"], description="Kinds of layer counted."
    )
    layer: int | None = Field(None, description="Only the layer at this place; -1: the last.")
    parameters: bool = Field(
        False, description="Count biases and batch norm, running statistics included, too."
    )
    share: bool = Field(False, description="As percent of all weights.")


class Setting(Block):
    """A setting of an experiment as published."""

    estimator: Literal["setting"]
    experiment: str = Field(description="Its name.")
    key: str = Field(description="Key, with dots, e.g. training.iterations.")
    percent: bool = Field(False, description="Say a share in percent.")


class RunCount(Block):
    """Runs of experiments as published: of all, or of one round."""

    estimator: Literal["run_count"]
    experiments: list[str] = Field(min_length=1, description="Names or patterns.")
    a_round: bool = Field(False, description="Runs of one round: trials times replicates.")


class HiddenPercent(Block):
    """Percent of the hidden layers' weights that remain after some rounds."""

    estimator: Literal["hidden_percent"]
    experiment: str = Field(description="Its name.")
    round: int = Field(ge=0, description="Prunings done.")


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


class Contrast(Block):
    """One statistic less another."""

    estimator: Literal["contrast"]
    first: "Statistic" = Field(description="A statistic.")
    second: "Statistic" = Field(description="What is subtracted.")


Statistic = Annotated[
    Value | Difference | Ratio | Extreme | Best | SmallestMatching | FirstMatching
    | Trend | Agreement | Turn | Threshold | Order | Among | Spread | Lead
    | WeightCount | Setting | RunCount | HiddenPercent
    | HistogramMean | HistogramShape | Overlap | Contrast,
    Field(discriminator="estimator"),
]  # fmt: skip
Contrast.model_rebuild()
# What is counted in the config, whatever has been run.
OF_CONFIG = (WeightCount, Setting, RunCount, HiddenPercent)


def parts_of(statistic: Any) -> Iterator[Any]:
    """Yield a statistic, of a contrast both of its."""
    if isinstance(statistic, Contrast):
        yield from parts_of(statistic.first)
        yield from parts_of(statistic.second)
    else:
        yield statistic
