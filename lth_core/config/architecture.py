"""Typed models of a network: its hidden layers, one after the other."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lth_core.config.block import Block
from lth_core.networks.shapes import weight_layers


class Conv(Block):
    """A 3x3 convolution that keeps the size, followed by ReLU."""

    type: Literal["conv"]
    filters: int = Field(gt=0, description="Number of filters.")
    batch_norm: bool = Field(False, description="Batch norm between convolution and ReLU.")


class Dense(Block):
    """A fully-connected layer followed by ReLU."""

    type: Literal["dense"]
    units: int = Field(gt=0, description="Number of units.")


class Pool(Block):
    """Pooling over squares that do not overlap."""

    type: Literal["max_pool", "average_pool"]
    size: int = Field(2, gt=0, description="Side of the square in pixels.")


class Dropout(Block):
    """Dropout: in training each input is zero with this probability, the others are scaled up."""

    type: Literal["dropout"]
    rate: float = Field(gt=0, lt=1, description="Probability of being dropped.")


class Residual(Block):
    """A residual block of two 3x3 convolutions with batch norm; a 1x1 shortcut if sizes change."""

    type: Literal["residual"]
    filters: int = Field(gt=0, description="Number of filters of both convolutions.")
    stride: int = Field(1, gt=0, description="Stride of the first convolution.")


LayerSpec = Annotated[Conv | Dense | Pool | Dropout | Residual, Field(discriminator="type")]


class Architecture(Block):
    """A network: what goes in, its hidden layers, and the number of classes."""

    input: list[int] = Field(
        description="Shape of one example: `[pixels]` or `[channels, height, width]`."
    )
    layers: list[LayerSpec] = Field(description="Hidden layers in order, each with a `type`.")
    classes: int = Field(
        gt=0,
        description="Number of outputs; the output layer is implied. 1: a single sigmoid (XOR).",
    )

    @model_validator(mode="after")
    def _shapes_fit(self) -> "Architecture":
        weight_layers(self.model_dump())
        return self
