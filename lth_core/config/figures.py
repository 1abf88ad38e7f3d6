"""config/figures.yaml: every figure is data, drawn by its family's notebook.

A figure of an existing family needs no Python, only an entry in that file.
"""

from typing import Annotated

from pydantic import Field, TypeAdapter

from lth_core.config.block import Block
from lth_core.config.distribution_figures import Distributions
from lth_core.config.learning_figures import LearningCurves
from lth_core.config.pruning_figures import PruningCurves, XAxis
from lth_core.config.table_figures import ArchitectureTable
from lth_core.config.xor_figures import XorTable

AnyFigure = PruningCurves | LearningCurves | Distributions | ArchitectureTable | XorTable
FigureSpec = Annotated[AnyFigure, Field(discriminator="notebook")]
FILE = "figures.yaml"
SPEC: TypeAdapter[AnyFigure] = TypeAdapter(FigureSpec)


class Figures(Block):
    """The whole of config/figures.yaml."""

    axes: dict[str, XAxis] = Field({}, description="Horizontal axes that figures share by anchor.")
    figures: dict[str, FigureSpec] = Field(description="The figures, by name (fig04).")
