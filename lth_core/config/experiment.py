"""Typed model of config/experiments/: network, data, training, pruning and arm."""

import re
from math import prod
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from lth_core.config.architecture import Architecture
from lth_core.config.arm import Arm
from lth_core.config.block import Block
from lth_core.config.training import Training
from lth_core.pruning.count import Scope

Rate = Annotated[float, Field(ge=0, lt=1)]
LAST_ROUND = 300  # each starts from the one before


class Initialisation(Block):
    """The distribution of initial weights; biases start at zero."""

    distribution: Literal["glorot_normal", "normal"] = Field(
        "glorot_normal",
        description="`glorot_normal` has deviation sqrt(2 / (fan_in + fan_out)) a layer,"
        " `normal` has `std` in every layer.",
    )
    std: float | None = Field(None, gt=0, le=1000, description="Deviation of `normal`.")
    truncate: float | None = Field(
        2.0,
        ge=0.01,
        description="Draw again beyond this many deviations (Figure 15 shows 2); null: never.",
    )

    @model_validator(mode="after")
    def _std_fits(self) -> "Initialisation":
        if (self.distribution == "normal") != (self.std is not None):
            raise ValueError("`std` belongs to distribution `normal`, and only there")
        return self


class Pruning(Block):
    """Share of a layer's remaining weights that one round removes, by kind of layer."""

    conv: Rate = Field(0.0, description="Convolutions.")
    fc: Rate = Field(0.0, description="Hidden fully-connected layers.")
    output: Rate = Field(0.0, description="The output layer.")
    shortcut: Rate = Field(0.0, description="1x1 convolutions on shortcuts.")
    scope: Scope = Field(
        "layer",
        description="Whether a layer is pruned separately, with those of its kind, or with all.",
    )

    @property
    def rates(self) -> dict[str, float]:
        """The four rates by kind of layer."""
        return self.model_dump(exclude={"scope"})


class Experiment(Block):
    """One setting of the paper: network, data, training, pruning and arm."""

    description: str = Field(description="One line on what it is.")
    architecture: Architecture = Field(
        description="Name of a file in config/architectures/, or the architecture itself."
    )
    dataset: str = Field(description="Name of a file in config/datasets/.")
    training: Training = Field(description="How each run is trained.")
    initialisation: Initialisation = Field(
        Initialisation(), description="Where initial weights come from."
    )
    pruning: Pruning = Field(description="How much each round removes.")
    arm: Arm = Field(description="What is done with the weights.")
    rounds: str = Field(
        description="Rounds to run: `28` means 0-28, `1-28` leaves out round 0; up to 300."
    )
    trials: int = Field(gt=0, le=10_000, description="Number of trials, each with its own theta_0.")
    replicates: int = Field(1, gt=0, le=1000, description="Draws of a control for each trial.")
    seed: int = Field(
        0,
        description="Seed from which, with the trial, all streams come. Experiments that share"
        " seed and settings share runs.",
    )

    @model_validator(mode="after")
    def _batch_norm_has_a_deviation(self) -> "Experiment":
        for step in self.architecture.steps:
            values = self.training.batch_size * prod(step.output[1:])
            for layer in step.layers:
                if layer.batch_norm and values < 2:
                    raise ValueError(
                        f"training.batch_size: found {self.training.batch_size}, but the batch norm"
                        f" of {layer.name} needs two values of a unit at least"
                    )
        return self

    @field_validator("rounds", mode="before")
    @classmethod
    def _rounds_text(cls, value: Any) -> Any:
        text = str(value) if type(value) in (int, str) else ""
        number = "(0|[1-9][0-9]{0,2})"
        written = re.fullmatch(f"(?:{number}-)?{number}", text)
        if not written:
            raise ValueError("should be a number such as 28 or a range such as 1-28")
        first, last = int(written[1] or 0), int(written[2])
        if last < first:
            raise ValueError(f"range {text} ends before it begins")
        if last > LAST_ROUND:
            raise ValueError(f"should end at {LAST_ROUND} at most")
        return f"{first}-{last}"

    @property
    def round_range(self) -> range:
        """The rounds as a range."""
        first, last = map(int, self.rounds.split("-"))
        return range(first, last + 1)
