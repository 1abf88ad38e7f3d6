"""The family `mask_maps`: how local the masks of tickets are."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lth_core.config.block import Block
from lth_core.config.pruning_figures import SizeCurves


class Maps(Block):
    """Maps of how often a unit's inputs lie at each displacement, one a round."""

    experiment: str = Field(description="Experiment whose masks are drawn, trials pooled.")
    rounds: list[Annotated[int, Field(ge=0)]] = Field(
        min_length=1,
        max_length=100,
        description="Rounds, one a panel; where one was not run, the nearest below.",
    )


class MaskMaps(SizeCurves):
    """Measures of masks against the size of the network, and maps of displacements (Figure 115).

    Its networks begin with a dense layer.
    """

    folder: ClassVar[str] = "structure"
    files: ClassVar[tuple[str, ...]] = ("structure.parquet", "displacements.parquet")
    table: ClassVar[str] = "structure"
    notebook: Literal["mask_maps"]
    maps: Maps = Field(description="Drawn after the panels.")

    def _experiments(self) -> Iterable[str]:
        return [*super()._experiments(), self.maps.experiment]
