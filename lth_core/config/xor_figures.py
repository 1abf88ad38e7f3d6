"""The family `xor_table`: how often networks succeed (provisional; the XOR helper's file)."""

from typing import Literal

from pydantic import Field

from lth_core.config.block import Block
from lth_core.config.figure import Figure


class XorCell(Block):
    """One cell: an experiment at a number of units."""

    experiment: str = Field(description="XOR experiment.")
    units: int = Field(gt=0, description="Hidden units left.")


class XorRow(Block):
    """One row of cells."""

    label: str = Field(description="Text before the row.")
    cells: list[XorCell] = Field(min_length=1, description="Cells, from the left.")


class XorTable(Figure):
    """A table of success rates (v1's tables)."""

    notebook: Literal["xor_table"]
    rows: list[XorRow] = Field(min_length=1, description="Rows, from the top.")

    @property
    def experiments(self) -> list[str]:
        """Experiments whose tables the figure reads."""
        return list(dict.fromkeys(cell.experiment for row in self.rows for cell in row.cells))
