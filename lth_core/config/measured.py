"""Typed models of what a statistic measures of runs, at which sizes.

Accuracies are in percent, so that differences are percentage points. A size is the percent of
weights that remain unless `x` says otherwise.
"""

from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from lth_core.config.block import Block, Pair
from lth_core.config.patience import Patience
from lth_core.tables.columns import MEASURES

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
