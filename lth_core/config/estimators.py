"""Typed models of the statistics behind claims, one per set of keys.

What each computes is in lth_core/claims/, in a module of the same name and a function of the
estimator's.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from lth_core.config.block import Block
from lth_core.config.config_estimators import HiddenPercent, RunCount, Setting, WeightCount
from lth_core.config.histogram_estimators import HistogramMean, HistogramShape, Overlap
from lth_core.config.run_estimators import (
    Agreement,
    Among,
    Best,
    Difference,
    Extreme,
    FirstMatching,
    Lead,
    Order,
    Ratio,
    SmallestMatching,
    Spread,
    Threshold,
    Trend,
    Turn,
    Value,
)


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
