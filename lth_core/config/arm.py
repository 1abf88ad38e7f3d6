"""Typed models of an arm: where its mask and its starting weights come from."""

from typing import Annotated, Literal

from pydantic import Field

from lth_core.config.block import Block


class Imp(Block):
    """Iterative magnitude pruning: prune the trained weights of the round before."""

    source: Literal["imp"]
    chain: str | None = Field(
        None, description="Experiment whose round before is pruned; null: this one."
    )


class OneShot(Block):
    """Prune the trained dense network in one step; round i removes the i-th share."""

    source: Literal["oneshot"]
    shares: list[Annotated[float, Field(gt=0, lt=1)]] = Field(
        description="Shares removed from the kind of layer with the highest rate; the others"
        " follow in proportion to their rates."
    )


class Drawn(Block):
    """`random`: a random set; `magnitude_at_init`: the largest initial weights; `dense`: all."""

    source: Literal["random", "magnitude_at_init", "dense"]


class Of(Block):
    """The mask of the same round and trial of another experiment."""

    source: Literal["of"]
    experiment: str = Field(description="Name of that experiment.")


class Shuffled(Block):
    """As many weights in each layer as the ticket of another experiment has, at random places."""

    source: Literal["shuffled"]
    experiment: str = Field(description="Name of that experiment.")


MaskSource = Annotated[Imp | OneShot | Drawn | Of | Shuffled, Field(discriminator="source")]


class Plain(Block):
    """`original`: theta_0; `reinit`: a new draw; `continue`: the trained weights of the round
    before; `resample_from_ticket`: draws from the ticket's own initial values; `rearranged`:
    the ticket's own initial values, each once, at the places of a `shuffled` mask."""

    source: Literal["original", "reinit", "continue", "resample_from_ticket", "rearranged"]


class Noise(Block):
    """theta_0 plus Gaussian noise."""

    source: Literal["noise"]
    multiple: float = Field(gt=0, description="Noise in units of the layer's initial deviation.")


class Rewind(Block):
    """The weights of the dense run at an early iteration, in place of theta_0."""

    source: Literal["rewind"]
    iteration: int = Field(gt=0, description="That iteration, one at which runs are evaluated.")


WeightSource = Annotated[Plain | Noise | Rewind, Field(discriminator="source")]


class Arm(Block):
    """What is done with the weights: where mask and starting weights come from."""

    mask: MaskSource = Field(description="Where the mask comes from, named by `source`.")
    weights: WeightSource = Field(
        description="Where the starting weights come from, named by `source`."
    )
