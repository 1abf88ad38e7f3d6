"""Typed models of every block of `config/`, except figures.

Defaults, validation, the JSON schema and config/REFERENCE.md all come from here.
"""

import re
from math import prod
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from lth_core.config.architecture import Architecture
from lth_core.config.arm import Arm
from lth_core.config.block import Block
from lth_core.config.own_data import Pinned, Source
from lth_core.config.training import Training
from lth_core.pruning.count import Scope

Rate = Annotated[float, Field(ge=0, lt=1)]
LAST_ROUND = 300  # each starts from the one before
KeepCheckpoints = Literal["all", "masks", "none"]


class Dataset(Block):
    """How a data set is split and scaled, and where it comes from if it is one of your own."""

    validation: int = Field(
        gt=0, description="Training examples set aside, sampled at random, for validation."
    )
    scaling: Literal["unit", "standardise", "l2"] = Field(
        description="Pixels: `unit` divides by 255, `standardise` makes each channel mean 0 and"
        " deviation 1 over the training set, `l2` gives each image unit length. The paper is"
        " silent."
    )
    split_seed: int = Field(
        0, description="Seed of the split and of the draws below, which all trials share."
    )
    labels: Literal["given", "random"] = Field(
        "given",
        description="Labels of the training examples. `random`: each is drawn anew, with equal"
        " chances.",
    )
    pixels: Literal["given", "shuffled_each", "shuffled_alike"] = Field(
        "given",
        description="Order of the pixels of the training examples. `shuffled_each`: a random one"
        " for each image; `shuffled_alike`: one for all.",
    )
    share: float = Field(
        1.0,
        gt=0,
        le=1,
        description="Share of the training examples that is used, the first of a random order: a"
        " smaller share is part of a larger one.",
    )
    classes: list[Annotated[int, Field(ge=0)]] | None = Field(
        None,
        min_length=2,
        description="Labels to keep, in rising order, in training, validation and test alike;"
        " null: all. Labels and outputs stay as they are, and `validation` counts before.",
    )
    blur: int = Field(
        1,
        gt=0,
        description="Side in pixels of the squares replaced by their mean, in training, validation"
        " and test images; 1: none. Must divide height and width.",
    )
    # Not among the settings of runs: what these data are, the digest of their file says.
    source: Source | None = Field(
        None,
        exclude=True,
        description="Source of data of your own, by `type`; null: they are built in (`mnist`,"
        " `cifar10`), or the file is a variant of another.",
    )
    pinned: Pinned | None = Field(
        None,
        exclude=True,
        description="Facts about data of your own; `lth data NAME --pin` finds and writes them.",
    )

    @field_validator("classes")
    @classmethod
    def _classes_rise(cls, classes: list[int] | None) -> list[int] | None:
        if classes is not None and classes != sorted(set(classes)):
            raise ValueError("should be in rising order, each label once")
        return classes


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


class Config(Block):
    """config/config.yaml: what is run, and how."""

    scale: str = Field("quick", description="Name of a file in config/scales/.")
    trials_per_job: int = Field(
        1, gt=0, description="Trials trained as lanes of one job; changes no result."
    )
    engine: Literal["sparse", "torch"] = Field(
        "sparse",
        description="`sparse`: compiled kernel over the surviving weights, on the CPU (torch"
        " still trains what it does not support, and `lth plan` says why); `torch`: torch for all.",
    )
    keep_checkpoints: KeepCheckpoints = Field(
        "all",
        description="Checkpoints kept when no job of the call needs them any more. `masks`: no"
        " trained weights; initial ones are drawn from the seed. `none`: only metrics and"
        " manifests. A later call retrains what it needs of the rest. `lth plan` tells sizes.",
    )
    data_root: str | None = Field(
        None,
        description="Folder that already holds the data in torchvision's layout; null: that of"
        " the variable LTH_DATA or, without one, downloads.",
    )
