"""What all blocks of the config have in common."""

from pydantic import BaseModel, ConfigDict


class Block(BaseModel):
    """A block of the config: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
