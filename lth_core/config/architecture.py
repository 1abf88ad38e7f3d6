"""Typed models of a network: its hidden layers, one after the other."""

import json
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lth_core.config.block import Block
from lth_core.networks.shapes import Layer, Step, steps

MOST_WEIGHTS = 10**9


class Conv(Block):
    """A convolution followed by the activation; by default 3x3, and it keeps the size."""

    type: Literal["conv"]
    filters: int = Field(gt=0, description="Number of filters.")
    kernel: int = Field(3, gt=0, description="Height and width of a filter in pixels.")
    stride: int = Field(1, gt=0, description="Pixels from one place of a filter to the next.")
    padding: int | None = Field(
        None,
        ge=0,
        description="Zeros on each side of the image; null: as many as keep its size, but for the"
        " stride. An even kernel cannot keep it, and needs a number.",
    )
    batch_norm: bool = Field(
        False, description="Batch norm between convolution and activation, in place of a bias."
    )

    @model_validator(mode="after")
    def _padding_fits(self) -> "Conv":
        if self.padding is None and self.kernel % 2 == 0:
            raise ValueError(f"padding: a kernel of {self.kernel} is even, so it has to be given")
        if self.padding is not None and self.padding >= self.kernel:
            raise ValueError(
                f"padding: found {self.padding}, should be less than the kernel, {self.kernel}"
            )
        return self


class Dense(Block):
    """A fully-connected layer followed by the activation."""

    type: Literal["dense"]
    units: int = Field(gt=0, description="Number of units.")
    batch_norm: bool = Field(
        False, description="Batch norm between product and activation, in place of a bias."
    )


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
    """A network: its input, its hidden layers, and the number of classes."""

    input: list[Annotated[int, Field(gt=0)]] = Field(
        description="Shape of one example: `[pixels]` or `[channels, height, width]`."
    )
    activation: Literal["relu", "tanh", "sigmoid", "gelu", "elu"] = Field(
        "relu",
        description="Activation after each convolution, residual block and dense layer, and after"
        " the norm in these, but not after the output layer.",
    )
    layers: list[LayerSpec] = Field(description="Hidden layers in order, each with a `type`.")
    classes: int = Field(
        gt=0,
        description="Number of outputs; the output layer is implied. 1: a single sigmoid (XOR).",
    )

    @model_validator(mode="after")
    def _shapes_fit(self) -> "Architecture":
        weights = sum(layer.size for layer in self.weight_layers)
        if weights > MOST_WEIGHTS:
            raise ValueError(f"found {weights:,} weights, should be {MOST_WEIGHTS:,} at most")
        return self

    @property
    def convolutional(self) -> bool:
        """Whether there are convolutions in it, also those of residual blocks."""
        return any(layer.type in ("conv", "residual") for layer in self.layers)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its entries in forward order, the output layer last."""
        return _steps(self.model_dump_json())

    @property
    def weight_layers(self) -> list[Layer]:
        """Its layers that hold weights, in forward order."""
        return [layer for step in self.steps for layer in step.layers]


@cache  # hundreds of experiments share a few networks
def _steps(network: str) -> tuple[Step, ...]:
    return tuple(steps(json.loads(network)))
