"""The family `pixel_maps`: which pixels the first layer of a ticket reads."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lth_core.config.figure import Figure


class PixelMaps(Figure):
    """Maps of the weights that each pixel keeps in the first layer, one a round (Figure 101)."""

    folder: ClassVar[str] = "pixels"
    files: ClassVar[tuple[str, ...]] = ("pixels.parquet",)
    notebook: Literal["pixel_maps"]
    experiment: str = Field(
        description="Experiment whose masks are drawn, trials pooled; its network begins with a"
        " dense layer."
    )
    rounds: list[Annotated[int, Field(ge=0)]] = Field(
        min_length=1,
        max_length=100,
        description="Rounds, one a panel; where one was not run, the nearest below.",
    )

    def _experiments(self) -> Iterable[str]:
        return [self.experiment]
