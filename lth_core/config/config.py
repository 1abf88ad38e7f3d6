"""Typed model of config/config.yaml: what is run, and how."""

from typing import Literal

from pydantic import Field

from lth_core.config.block import Block

KeepCheckpoints = Literal["all", "masks", "none"]


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
