"""Typed model of config/scales/: how much of the paper is run."""

from pydantic import Field

from lth_core.config.architecture import Architecture
from lth_core.config.block import Block


class Limits(Block):
    """How much of an experiment is run."""

    iterations: float = Field(
        1.0, gt=0, le=1, description="Share of the paper's iterations, rounded to evaluations."
    )
    evaluate_every: int | None = Field(
        None, gt=0, description="Iterations between evaluations; null: as in the experiment."
    )
    rounds: int | None = Field(None, gt=0, description="Last round; null: the paper's.")
    trials: int | None = Field(None, gt=0, description="Maximum number of trials.")
    replicates: int | None = Field(None, gt=0, description="Maximum number of replicates.")
    flops: float | None = Field(
        None,
        gt=0,
        description="Maximum training FLOPs of a run (two iterations are always done).",
    )
    examples: int | None = Field(
        None, gt=1, description="Maximum number of examples each of training, validation and test."
    )
    oneshot_shares: int | None = Field(
        None, gt=0, description="Maximum number of sizes of one-shot pruning, evenly spread."
    )
    sweep_points: int | None = Field(
        None, gt=0, description="Maximum number of points of a sweep, evenly spread."
    )


class Scale(Limits):
    """How much of the paper is run; a scale changes numbers, never code."""

    convolutional: Limits = Field(
        Limits(),
        description="Exceptions for networks with convolutions; keys left out are as for all"
        " others.",
    )

    def of(self, architecture: Architecture) -> Limits:
        """Return how much is run of an experiment with this network."""
        if not architecture.convolutional:
            return self
        return self.model_copy(update=self.convolutional.model_dump(exclude_unset=True))
