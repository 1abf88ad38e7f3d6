"""Base of all blocks of the config."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Strict


class Block(BaseModel):
    """A block of the config: unknown keys are refused, and so is `true` or text for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


# Two numbers, which YAML has as a list.
Pair = Annotated[tuple[float, float], Strict(False)]
