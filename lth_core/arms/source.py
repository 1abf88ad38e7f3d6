"""The interface of all sources: what they declare and what they receive."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import numpy as np
from pydantic import Field

from lth_core.config.block import Block
from lth_core.data.split import Split
from lth_core.networks.shapes import Layer, Masks, Weights
from lth_core.pruning.count import keep_after_rounds

WEIGHTS, MASKS = "weights.safetensors", "masks.safetensors"

T = TypeVar("T")


class Parent(NamedTuple):
    """A run that another one starts from, and the files that are read of it.

    experiment: None for the run's own. Trial and replicate are the run's.
    """

    experiment: str | None
    round: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """What was read of a parent: None where its file was not asked for.

    snapshot: weights at the early iteration that a dense run keeps for rewinding; empty without.
    """

    weights: Weights | None = None
    masks: Masks | None = None
    snapshot: Weights | None = None


@dataclass(frozen=True)
class Inputs:
    """What a source may draw on.

    initial: theta_0 of the trial. parents: by role, as the source named them. generator: the run's
    own stream, of masks or of starting weights; it differs between replicates. masks: the run's
    own, for weight sources. network: the architecture, and splits: the data, loaded when called,
    for sources that look at gradients or accuracies (see lth_core/arms/probe.py).
    """

    layers: Sequence[Layer]
    initialisation: Mapping[str, Any]
    initial: Weights
    parents: Mapping[str, Network]
    generator: np.random.Generator
    masks: Masks = field(default_factory=dict)
    network: Mapping[str, Any] = field(default_factory=dict)
    splits: Callable[[], Mapping[str, Split]] = dict


class SourceSettings(Block):
    """What the settings of all sources say. `source`, a Literal, is the name of their file."""

    source: str

    @property
    def experiments(self) -> dict[str, str]:
        """The other experiments that it names, by key."""
        return {}

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the runs that a run of this round starts from, by role."""
        return {}

    @classmethod
    def completed(cls, told: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the function is told, with the keys at their defaults."""
        fields = cls.model_fields.items()
        return {**{key: f.default for key, f in fields if not f.is_required()}, **told}


class MaskSettings(SourceSettings):
    """The settings of a mask source.

    prunes: whether `pruning` says how many weights stay; the function then finds `keep` and `scope`
    among its settings. dense_first: whether round 0 is the dense network, whatever the source.
    """

    prunes: ClassVar[bool] = False
    dense_first: ClassVar[bool] = True

    @property
    def taken_from(self) -> str | None:
        """The experiment whose mask of the same round it takes, or takes the size of."""
        return None

    @property
    def sizes(self) -> Sequence[float] | None:
        """What each round from 1 on removes, where the settings list it; None elsewhere."""
        return None

    def keep(self, rates: Mapping[str, float], round_: int) -> dict[str, float]:
        """Return the share of each kind of layer that stays, where the source prunes."""
        return keep_after_rounds(rates, round_)

    def told(self) -> dict[str, Any]:
        """Return the job's settings, beyond `source`, `keep` and `scope`: what is no default."""
        return self.model_dump(exclude_defaults=True, exclude={"source", *self.experiments})

    def at_scale(self, thinned: Callable[[Sequence[T]], list[T]]) -> Self:
        """Return the settings at a scale; `thinned` leaves some of several sizes."""
        return self


class TicketSettings(MaskSettings):
    """The settings of a mask source that starts from another experiment's mask of the round."""

    experiment: str = Field(description="Name of that experiment.")
    dense_first = False

    @property
    def experiments(self) -> dict[str, str]:
        """The experiment whose masks are taken."""
        return {"experiment": self.experiment}

    @property
    def taken_from(self) -> str:
        """The same."""
        return self.experiment

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the ticket, of which the mask is enough."""
        return {"ticket": Parent(self.experiment, round_, (MASKS,))}


class WeightSettings(SourceSettings):
    """The settings of a weight source; its parents are those that it needs beyond the mask's.

    with_masks: the mask sources that it makes sense with; all if empty.
    """

    with_masks: ClassVar[tuple[str, ...]] = ()

    @property
    def snapshot(self) -> int | None:
        """The iteration at which the dense run keeps its weights for later rounds, if any."""
        return None

    def told(self, round_: int) -> dict[str, Any]:
        """Return the job's settings of a round, `source` included."""
        told = self.model_dump(exclude_defaults=True, exclude={"source", *self.experiments})
        return {"source": self.source, **told}

    def at_scale(self, rescaled: Callable[[int], int]) -> Self:
        """Return the settings at a scale; `rescaled` maps iterations as published."""
        return self
