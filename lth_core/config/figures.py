"""The models of config/figures.yaml: every figure is data, drawn by its family's notebook.

A figure of an existing family needs no Python, only an entry in that file.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, TypeAdapter, model_validator

from lth_core.config.block import Block

Colour = Literal[
    "blue", "orange", "green", "red", "purple", "brown", "pink", "grey", "olive", "cyan"
]
SummaryColumn = Literal[
    "early_stop_iteration",
    "early_stop_iteration_test",
    "validation_accuracy_at_early_stop",
    "test_accuracy_at_early_stop",
    "train_accuracy_at_early_stop",
    "test_accuracy_at_early_stop_test",
    "end_test_accuracy",
    "end_train_accuracy",
]
Quantity = Literal["initial_weight", "moved", "magnitude_change", "incoming", "outgoing"]
Limits = tuple[float, float]


class Figure(Block):
    """What every figure has, whatever its family."""

    section: str = Field(description="Section of the paper that shows the figure.")
    title: str = Field(description="Heading of the figure, a few words.")
    caption: str = Field(description="What the figure shows, in one sentence.")
    columns: int = Field(3, ge=1, description="Panels in a row.")
    width: float = Field(3.7, gt=0, description="Width of a panel in inches.")


class XAxis(Block):
    """The horizontal axis of a panel over network sizes; the dense network is at the left."""

    quantity: Literal["percent_remaining", "weights_remaining"] = Field(
        description="Column of the summary table; weights are drawn in thousands."
    )
    label: str = Field(description="Text below the axis.")
    scale: Literal["log", "linear"] = Field("log", description="Spacing of the axis.")
    limits: Limits = Field(
        description="Left and right end, as in the paper; widened where there is data beyond."
    )
    ticks: list[float] = Field(description="Labelled positions, as in the paper.")


class PruningSeries(Block):
    """One line: the mean over the runs of an experiment, with bars from minimum to maximum."""

    experiment: str = Field(description="Experiment whose runs are drawn.")
    label: str = Field(description="Text in the legend.")
    colour: Colour = Field(description="Colour of the line.")
    dashed: bool = Field(False, description="Draw a dashed line.")


class PruningPanel(Block):
    """One plot against the size of the pruned network."""

    name: str = Field(
        description="Name of the panel in the CSV, and in config/paper/curves/ where it is there."
    )
    title: str = Field("", description="Text above the panel.")
    x: XAxis = Field(description="The horizontal axis.")
    y: SummaryColumn = Field(description="Column of the summary table.")
    label: str = Field(
        description="Text beside the vertical axis; {iterations} is the last iteration of the runs."
    )
    limits: Limits = Field(
        description="Range of the vertical axis in the paper; widened to hold a line of which "
        "more than half lies outside."
    )
    experiments: list[str] | None = Field(
        None, description="Only the series of these experiments; all where not given."
    )


class PruningCurves(Figure):
    """Lines against the size of the pruned network (Figures 1, 4, 9, 12, 14, 17, 18, 25-31)."""

    notebook: Literal["pruning_curves"]
    series: list[PruningSeries] = Field(min_length=1, description="Lines, in legend order.")
    panels: list[PruningPanel] = Field(min_length=1, description="Plots, row by row.")

    @model_validator(mode="after")
    def _panels_name_series(self) -> Self:
        for panel in self.panels:
            unknown = set(panel.experiments or []) - set(self.experiments)
            if unknown:
                raise ValueError(
                    f"panel {panel.name} names experiments without a series: {unknown}"
                )
        return self

    @property
    def experiments(self) -> list[str]:
        """Experiments whose tables the figure reads."""
        return list(dict.fromkeys(series.experiment for series in self.series))


class LearningSeries(Block):
    """One curve: the mean over the runs of one round of an experiment."""

    experiment: str = Field(description="Experiment whose runs are drawn.")
    round: int = Field(ge=0, description="Round (number of prunings done).")
    label: str = Field(
        "{percent}", description="Text in the legend; {percent} is the percent remaining."
    )
    colour: Colour = Field(description="Colour of the curve.")
    dashed: bool = Field(False, description="Draw a dashed curve.")


class LearningPanel(Block):
    """One plot against the training iteration."""

    name: str = Field(
        description="Name of the panel in the CSV, and in config/paper/curves/ where it is there."
    )
    title: str = Field("", description="Text above the panel.")
    series: list[LearningSeries] = Field(min_length=1, description="Curves, in legend order.")


class LearningCurves(Figure):
    """Accuracy or loss during training (Figures 3 and 11)."""

    notebook: Literal["learning_curves"]
    split: Literal["validation", "test"] = Field(description="Part of the data measured on.")
    y: Literal["loss", "accuracy"] = Field(description="What was measured.")
    label: str = Field(description="Text beside the vertical axis.")
    xlimits: Limits = Field(description="First and last iteration shown.")
    limits: Limits = Field(
        description="Range of the vertical axis in the paper; widened to hold a curve of which "
        "more than half lies outside."
    )
    bars_every: int = Field(
        1000, ge=1, description="Iterations between bars from minimum to maximum."
    )
    panels: list[LearningPanel] = Field(min_length=1, description="Plots, row by row.")

    @property
    def experiments(self) -> list[str]:
        """Experiments whose tables the figure reads."""
        return list(
            dict.fromkeys(series.experiment for panel in self.panels for series in panel.series)
        )


class DistributionSeries(Block):
    """One histogram: the layer and group that the panel leaves open."""

    layer: str | None = Field(None, description="Layer, where a panel shows several.")
    group: Literal["in_ticket", "not_in_ticket"] | None = Field(
        None, description="Weights inside or outside the ticket, where a panel splits them."
    )
    label: str = Field(description="Text in the legend.")
    colour: Colour = Field(description="Colour of the outline.")


class DistributionPanel(Block):
    """One plot of densities."""

    round: int = Field(
        ge=0,
        description="Round whose mask is shown; where it was not run, the nearest round below.",
    )
    layer: str | None = Field(None, description="Layer, where every panel shows one.")
    title: str = Field(
        "{percent}% remaining", description="Text above; {percent} is the percent remaining."
    )


class Distributions(Figure):
    """Histograms over the weights or units of a network (Figures 15, 16, 19-24)."""

    notebook: Literal["distributions"]
    experiment: str = Field(description="Experiment whose runs are drawn, trials pooled.")
    quantity: Quantity = Field(description="What is counted.")
    label: str = Field(description="Text below the horizontal axis.")
    limits: Limits | None = Field(
        None, description="Range of the horizontal axis; that of the data where not given."
    )
    top: float | None = Field(
        None, gt=0, description="Upper end of the density axis; taller peaks are cut off."
    )
    series: list[DistributionSeries] = Field(min_length=1, description="Outlines, in legend order.")
    panels: list[DistributionPanel] = Field(min_length=1, description="Plots, row by row.")

    @model_validator(mode="after")
    def _layers_are_given_once(self) -> Self:
        for panel in self.panels:
            for series in self.series:
                if (panel.layer is None) == (series.layer is None):
                    raise ValueError(
                        f"the layer is given by the panel or by the series, not by both or none: "
                        f"panel of round {panel.round}, series {series.label!r}"
                    )
        return self

    @property
    def experiments(self) -> list[str]:
        """Experiments whose tables the figure reads."""
        return [self.experiment]


FigureSpec = Annotated[
    PruningCurves | LearningCurves | Distributions, Field(discriminator="notebook")
]
SPEC: TypeAdapter[PruningCurves | LearningCurves | Distributions] = TypeAdapter(FigureSpec)


class Figures(Block):
    """The whole of config/figures.yaml."""

    axes: dict[str, XAxis] = Field({}, description="Horizontal axes that figures share by anchor.")
    figures: dict[str, FigureSpec] = Field(description="The figures, by name (fig04).")


def load(path: Path) -> Figures:
    """Read figures.yaml; pydantic's ValidationError names the key that is wrong."""
    return Figures.model_validate(yaml.safe_load(path.read_text()))
