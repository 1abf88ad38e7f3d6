"""The family `architecture_table`: networks and their training, side by side."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from lth_core.config.block import Block
from lth_core.config.figure import Figure, given_once


class TableNetwork(Block):
    """One column: a network and the experiment that says how it is trained."""

    label: str = Field(description="Heading of the column.")
    experiment: str = Field(description="Experiment whose settings, as published, are shown.")
    architecture: str | None = Field(
        None, description="Architecture that is shown in place of the experiment's."
    )
    stated_weights: str = Field(description="Number of weights in the paper's own table.")
    stated_conv: str = Field("", description="Weights of convolutions in the paper's own table.")
    # Filled in by figure_at_scale, so not in the schema of what is written by hand.
    settings: SkipJsonSchema[dict[str, Any] | None] = None


class ArchitectureTable(Figure):
    """A table of networks, drawn from the config alone (Figure 2)."""

    notebook: Literal["architecture_table"]
    networks: list[TableNetwork] = Field(min_length=1, description="Columns, from the left.")

    @model_validator(mode="after")
    def _columns_have_labels(self) -> Self:
        given_once("networks", [f"the label {one.label!r}" for one in self.networks])
        return self
