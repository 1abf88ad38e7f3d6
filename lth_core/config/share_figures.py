"""The family `winning_share`: how many rounds of networks of several sizes win."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field, model_validator

from lth_core.config.block import Block
from lth_core.config.figure import Colour, Figure, Text, given_once


class ShareSeries(Block):
    """One line: what the tickets of all networks are compared with."""

    name: str = Field(description="Name of the line in the CSV.")
    reference: str | None = Field(
        None,
        description="Experiment whose dense network is to be matched, trial by trial; null: the"
        " ticket's own.",
    )
    label: Text = Field(description="Text in the legend.")
    colour: Colour = Field(description="Colour of the line.")
    dashed: bool = Field(False, description="Draw a dashed line.")


class WinningShare(Figure):
    """Share of a network's pruned versions that are winning tickets, against its size when dense
    (Figure 121): the mean over trials, with bars from minimum to maximum."""

    notebook: Literal["winning_share"]
    networks: list[str] = Field(min_length=1, description="Their experiments, a point for each.")
    series: list[ShareSeries] = Field(min_length=1, description="Lines, in legend order.")
    xlabel: Text = Field(description="Text below the axis, of thousands of weights.")
    label: Text = Field(description="Text beside the vertical axis.")

    @property
    def references(self) -> Iterable[str]:
        """Those whose dense networks are to be matched."""
        return [one.reference for one in self.series if one.reference is not None]

    def _experiments(self) -> Iterable[str]:
        return [*self.networks, *self.references]

    @model_validator(mode="after")
    def _lines_have_names(self) -> Self:
        given_once("series", [f"the name {one.name!r}" for one in self.series])
        return self
