"""The family `learning_curves`: accuracy or loss during training."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field, model_validator

from lth_core.config.block import Block
from lth_core.config.figure import (
    Colour,
    Figure,
    Limits,
    PercentText,
    Text,
    given_once,
    named_once,
)


class LearningSeries(Block):
    """One curve: the mean over the runs of one round of an experiment."""

    experiment: str = Field(description="Experiment whose runs are drawn.")
    round: int = Field(
        ge=0,
        description="Round (number of prunings done); of one-shot pruning, the number of the size.",
    )
    label: PercentText = Field(
        "{percent}", description="Text in the legend; {percent} is the percent remaining."
    )
    colour: Colour = Field(description="Colour of the curve.")
    dashed: bool = Field(False, description="Draw a dashed curve.")


class LearningPanel(Block):
    """One plot against the training iteration."""

    name: str = Field(
        description="Name of the panel in the CSV, and in config/paper/curves/ where it is there."
    )
    title: Text = Field("", description="Text above the panel.")
    series: list[LearningSeries] = Field(min_length=1, description="Curves, in legend order.")

    @model_validator(mode="after")
    def _curves_are_given_once(self) -> Self:
        given_once("series", [f"round {s.round} of {s.experiment}" for s in self.series])
        return self


class LearningCurves(Figure):
    """Accuracy or loss during training (Figures 3 and 11, and v1's first)."""

    notebook: Literal["learning_curves"]
    split: Literal["validation", "test"] = Field(description="Part of the data measured on.")
    y: Literal["loss", "accuracy"] = Field(description="What was measured.")
    label: Text = Field(description="Text beside the vertical axis.")
    xlimits: Limits = Field(
        description="First and last iteration shown; where training is shorter than a third of"
        " that, only as much."
    )
    limits: Limits | None = Field(
        None,
        description="Range of the vertical axis in the paper, widened to hold a curve of which"
        " more than half lies outside; that of the data where not given.",
    )
    bars_every: int = Field(
        1000, ge=1, description="Iterations between bars from minimum to maximum."
    )
    panels: list[LearningPanel] = Field(
        min_length=1, max_length=100, description="Plots, row by row."
    )

    @model_validator(mode="after")
    def _panels_are_named_once(self) -> Self:
        named_once(self.panels)
        return self

    def _experiments(self) -> Iterable[str]:
        return (series.experiment for panel in self.panels for series in panel.series)
