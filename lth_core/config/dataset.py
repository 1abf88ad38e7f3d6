"""Typed model of config/datasets/: how a data set is split and scaled."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from lth_core.config.block import Block
from lth_core.config.own_data import Pinned, Source


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
