"""Typed models of the statistics counted in the config, whatever has been run."""

from typing import Literal

from pydantic import Field

from lth_core.config.block import Block


class WeightCount(Block):
    """Weights of an architecture, exactly, or their percent of all."""

    estimator: Literal["weight_count"]
    architecture: str = Field(description="Name of a file in config/architectures/.")
    kinds: list[Literal["conv", "fc", "output", "shortcut"]] = Field(
        default=["conv", "fc", "output", "shortcut"], description="Kinds of layer counted."
    )
    layer: int | None = Field(None, description="Only the layer at this place; -1: the last.")
    parameters: bool = Field(
        False, description="Count biases and batch norm, running statistics included, too."
    )
    share: bool = Field(False, description="As percent of all weights.")


class Setting(Block):
    """A setting of an experiment as published."""

    estimator: Literal["setting"]
    experiment: str = Field(description="Its name.")
    key: str = Field(description="Key, with dots, e.g. training.iterations.")
    percent: bool = Field(False, description="Say a share in percent.")


class RunCount(Block):
    """Runs of experiments as published: of all, or of one round."""

    estimator: Literal["run_count"]
    experiments: list[str] = Field(min_length=1, description="Names or patterns.")
    a_round: bool = Field(False, description="Runs of one round: trials times replicates.")


class HiddenPercent(Block):
    """Percent of the hidden layers' weights that remain after some rounds."""

    estimator: Literal["hidden_percent"]
    experiment: str = Field(description="Its name.")
    round: int = Field(ge=0, description="Prunings done.")
