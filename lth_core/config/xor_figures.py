"""The family `xor_table`: how often XOR networks succeed."""

from collections.abc import Iterable
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from lth_core.config.block import Block
from lth_core.config.figure import Figure, given_once


class XorCell(Block):
    """Two rates of one setting: what the slide says, in percent of trials."""

    experiment: str = Field(description="Experiment of config/xor.yaml.")
    units: int = Field(gt=0, description="Hidden units, which identify the round.")
    decision_boundary: float = Field(ge=0, le=100, description="The slide's DB.")
    zero_loss: float = Field(ge=0, le=100, description="The slide's ZL.")


class XorRow(Block):
    """One row of the table."""

    label: str = Field(description="Text at the left.")
    cells: list[XorCell] = Field(min_length=1, description="From left to right.")


class XorTable(Figure):
    """A table of rates of success, ours beside the slide's (v1's tables 1 and 2)."""

    files: ClassVar[tuple[str, ...]] = ("summary.parquet",)
    notebook: Literal["xor_table"]
    rows: list[XorRow] = Field(min_length=1, description="Rows, each with the same units.")

    @model_validator(mode="after")
    def _rows_have_labels_and_the_same_columns(self) -> Self:
        columns = [[cell.units for cell in row.cells] for row in self.rows]
        given_once("rows", [f"the label {row.label!r}" for row in self.rows])
        if any(units != columns[0] for units in columns):
            raise ValueError(f"rows: found the units {columns}, should be the same in each row")
        return self

    def _experiments(self) -> Iterable[str]:
        return (cell.experiment for row in self.rows for cell in row.cells)
