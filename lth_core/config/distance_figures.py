"""The family `mask_distances`: how much masks differ."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from lth_core.config.pruning_figures import SizeCurves


class MaskDistances(SizeCurves):
    """Distance and overlap of masks, against the size of the network (Figure 127)."""

    folder: ClassVar[str] = "distances"
    files: ClassVar[tuple[str, ...]] = ("distances.parquet",)
    table: ClassVar[str] = "distances"
    notebook: Literal["mask_distances"]
    reference: str = Field(
        description="Experiment with whose masks all others are compared, round by round and trial"
        " by trial; its own are compared with those of its other trials."
    )

    @property
    def references(self) -> Iterable[str]:
        """The one whose masks others are compared with."""
        return (self.reference,)

    def _experiments(self) -> Iterable[str]:
        return [*super()._experiments(), *self.references]
