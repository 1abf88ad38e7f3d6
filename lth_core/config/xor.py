"""Typed models of config/xor.yaml: v1's XOR experiments, which have settings of their own."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from lth_core.config.architecture import Architecture, Dense
from lth_core.config.block import Block
from lth_core.config.errors import ConfigError, unknown_name, validated
from lth_core.config.experiment import Initialisation
from lth_core.config.experiment_files import check_in_path, with_architecture
from lth_core.config.files import read_mapping
from lth_core.config.xor_figures import XorTable

FILE = "xor.yaml"


class XorTraining(Block):
    """Gradient descent on all four points at once, on the cross-entropy."""

    learning_rate: float = Field(
        gt=0,
        le=1e6,
        description="Constant learning rate; the slides are silent. At 0.05 the rates of success"
        " of dense networks differ by less than 2 points.",
    )
    iterations: int = Field(
        gt=0, le=10**9, description="Length of every run; the slides are silent."
    )


class XorPruning(Block):
    """How hidden units are pruned; the survivors return to their initial weights."""

    score: Literal["input", "output", "product"] = Field(
        description="Score by which units stay: `input`, the mean magnitude of a unit's input"
        " weights; `output`, the magnitude of its output weight; `product`, that magnitude times"
        " the sum of the input weights' magnitudes (our reading of the slides' names)."
    )
    units: list[int] = Field(
        min_length=1, description="Units left in rounds 1, 2, ...; v1 shows 4 and 2, from 10."
    )
    iterative: bool = Field(
        description="Whether each round prunes the one before it, or each the dense network."
    )

    @model_validator(mode="after")
    def _units_fall(self) -> "XorPruning":
        if self.units != sorted(set(self.units), reverse=True) or self.units[-1] < 1:
            raise ValueError(f"units: found {self.units}, should fall from round to round, to >= 1")
        return self


class XorExperiment(Block):
    """One setting of v1: a width, and how it is pruned."""

    description: str = Field(description="One line on what it is.")
    architecture: Architecture = Field(
        description="Name of a file in config/architectures/, or the architecture itself: two"
        " inputs, one dense layer, one class."
    )
    pruning: XorPruning | None = Field(None, description="How units are pruned; null: not at all.")
    seed: int = Field(
        0, description="Seed from which, with the trial, the initial weights come, as elsewhere."
    )

    @model_validator(mode="after")
    def _network_fits(self) -> "XorExperiment":
        network = self.architecture
        one_layer = len(network.layers) == 1 and isinstance(network.layers[0], Dense)
        if network.input != [2] or network.classes != 1 or not one_layer:
            raise ValueError(
                f"architecture: found input {network.input}, {len(network.layers)} layers and"
                f" {network.classes} classes; should be input [2], one dense layer and 1 class"
            )
        if network.activation != "relu" or self._layer.batch_norm:
            raise ValueError("architecture: should have ReLU and no batch norm, as v1's have")
        if self.pruning is not None and self.pruning.units[0] >= self.hidden:
            raise ValueError(
                f"pruning.units: found {self.pruning.units}, should be less than the {self.hidden}"
                " units of the architecture"
            )
        return self

    @property
    def hidden(self) -> int:
        """Number of hidden units of the dense network."""
        return self._layer.units

    @property
    def _layer(self) -> Dense:
        layer = self.architecture.layers[0]
        assert isinstance(layer, Dense)
        return layer

    @property
    def units(self) -> list[int]:
        """Units of each round, the dense network first."""
        return [self.hidden, *(self.pruning.units if self.pruning else [])]


class XorScale(Block):
    """What a scale runs of these experiments."""

    iterations: int | None = Field(None, gt=0, description="Iterations of every run; null: all.")
    trials: int | None = Field(None, gt=0, description="Maximum number of trials; null: all.")


class Xor(Block):
    """config/xor.yaml: v1's XOR experiments, and when one of their networks has succeeded."""

    training: XorTraining = Field(description="How each network is trained.")
    initialisation: Initialisation = Field(description="Where initial weights come from.")
    trials: int = Field(
        gt=0,
        le=100_000,
        description="Trials of each experiment; the slides' rates have 0.1 % resolution.",
    )
    tie_margin: float = Field(
        ge=0,
        description="DB, the decision boundary is found: no point's logit is so far, or farther,"
        " on the wrong side of 0. Stuck networks say 0.5 for several points, so the rule for ties"
        " matters. 0: every point strictly right; the slides are silent.",
    )
    zero_loss: float = Field(
        gt=0,
        description="ZL, zero loss: every point strictly right and the loss below this. The slides"
        " are silent; a loss below 1e-5 is never reached in 10,000 iterations.",
    )
    scales: dict[str, XorScale] = Field(
        {}, description="Scales that run less, by name; all others run all of it."
    )
    experiments: dict[str, XorExperiment] = Field(
        min_length=1, description="The experiments by name."
    )

    def at_scale(self, scale: str) -> "Xor":
        """Return this with the iterations and trials of `scale`."""
        less = self.scales.get(scale, XorScale())
        iterations = min(self.training.iterations, less.iterations or self.training.iterations)
        return self.model_copy(
            update={
                "training": self.training.model_copy(update={"iterations": iterations}),
                "trials": min(self.trials, less.trials or self.trials),
            }
        )


def load_xor(
    path: Path,
    architectures: Mapping[str, Architecture],
    scales: Collection[str],
    taken: Collection[str],
) -> Xor:
    """Return the checked config/xor.yaml, as published.

    scales: the names of all scales. taken: the names of all other experiments. Raises
    ConfigError naming the key that is wrong.
    """
    raw = read_mapping(path)
    experiments = raw.get("experiments")
    if isinstance(experiments, dict):
        for name, value in experiments.items():
            if isinstance(value, dict):
                where = f"{path}: experiments.{name}"
                experiments[name] = with_architecture(where, value, architectures)
    xor = validated(Xor, path, raw)
    for scale in xor.scales:
        if scale not in scales:
            raise unknown_name(f"{path}: scales", scale, scales, "scale")
    for name in xor.experiments:
        check_in_path(f"{path}: experiments", name)
        if name in taken:
            raise ConfigError(f"{path}: experiments: {name!r} is in experiments/ already")
    return xor


def check_xor_table(where: str, figure: XorTable, xor: Xor) -> None:
    """Refuse a figure of unknown experiments, or of units that they never have."""
    for row in figure.rows:
        for cell in row.cells:
            if cell.experiment not in xor.experiments:
                raise unknown_name(where, cell.experiment, xor.experiments, "XOR experiment")
            units = xor.experiments[cell.experiment].units
            if cell.units not in units:
                raise ConfigError(
                    f"{where}: found {cell.units} units of {cell.experiment}, should be one of"
                    f" {units}"
                )
