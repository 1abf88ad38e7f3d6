"""The settings of stopping by patience."""

from pydantic import Field

from lth_core.config.block import Block


class Patience(Block):
    """Stopping when validation accuracy, read once an epoch, has not become better for so long."""

    epochs: int = Field(gt=0, description="Epochs in a row without a better one.")
    every: int = Field(
        gt=0, description="The paper's iterations of an epoch, rounded to an evaluation."
    )
    of: int = Field(
        gt=0, description="The paper's length of a run, so that `every` scales with it."
    )

    @property
    def epoch(self) -> float:
        """An epoch as a share of the run."""
        return self.every / self.of
