"""The family `distributions`: histograms over the weights or units of a network."""

from collections.abc import Iterable
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from lth_core.config.block import Block
from lth_core.config.figure import Colour, Figure, Limits, PercentText, Text, given_once
from lth_core.tables.columns import Quantity


class DistributionSeries(Block):
    """One histogram: the round, layer and group that the panel leaves open."""

    round: int | None = Field(None, ge=0, description="Round, where a panel shows several.")
    layer: str | None = Field(None, description="Layer, where a panel shows several.")
    group: Literal["in_ticket", "not_in_ticket"] | None = Field(
        None, description="Weights inside or outside the ticket, where a panel splits them."
    )
    label: PercentText = Field(
        description="Text in the legend; {percent} is the percent remaining in the series' round."
    )
    colour: Colour = Field(description="Colour of the outline.")


class DistributionPanel(Block):
    """One plot of densities."""

    round: int | None = Field(
        None,
        ge=0,
        description="Round whose mask is shown, where every panel shows one; where it was not"
        " run, the nearest round below.",
    )
    layer: str | None = Field(None, description="Layer, where every panel shows one.")
    title: PercentText = Field(
        "{percent}% remaining",
        description="Text above; {percent} is the percent remaining in the panel's round.",
    )


class Distributions(Figure):
    """Histograms over the weights or units of a network (Figures 15, 16, 19-24)."""

    folder: ClassVar[str] = "distributions"
    files: ClassVar[tuple[str, ...]] = ("distributions.parquet", "by_trial.parquet")
    notebook: Literal["distributions"]
    experiment: str = Field(description="Experiment whose runs are drawn, trials pooled.")
    quantity: Quantity = Field(description="What is counted.")
    label: Text = Field(description="Text below the horizontal axis.")
    limits: Limits | None = Field(
        None, description="Range of the horizontal axis; that of the data where not given."
    )
    top: float | None = Field(
        None, gt=0, description="Upper end of the density axis; taller peaks are cut off."
    )
    series: list[DistributionSeries] = Field(min_length=1, description="Outlines, in legend order.")
    panels: list[DistributionPanel] = Field(
        min_length=1, max_length=100, description="Plots, row by row."
    )

    @model_validator(mode="after")
    def _rounds_and_layers_are_given_once(self) -> Self:
        texts = [series.label for series in self.series if series.round is None]
        texts += [panel.title for panel in self.panels if panel.round is None]
        for text in texts:
            if "{percent}" in text:
                raise ValueError(
                    f"{text!r}: {{percent}} is that of a round, which is not given there"
                )
        for number, panel in enumerate(self.panels, start=1):
            for series in self.series:
                for key in ("round", "layer"):
                    if (getattr(panel, key) is None) == (getattr(series, key) is None):
                        raise ValueError(
                            f"the {key} is given by the panel or by the series, not by both or"
                            f" none: panel {number}, series {series.label!r}"
                        )
        return self

    @model_validator(mode="after")
    def _histograms_are_given_once(self) -> Self:
        for key in ("series", "panels"):
            which = [
                item.model_dump(exclude_none=True, include={"round", "layer", "group"})
                for item in getattr(self, key)
            ]
            given_once(key, which)
        return self

    def _experiments(self) -> Iterable[str]:
        return [self.experiment]
