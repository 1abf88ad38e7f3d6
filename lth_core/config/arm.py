"""Typed model of an arm: a mask source and a weight source, each from a file of its own."""

from typing import TYPE_CHECKING, Annotated, Any, Union, get_args

from pydantic import Field

from lth_core.arms import Factor, module_name, source_module, sources
from lth_core.arms.source import WEIGHTS, MaskSettings, Parent, WeightSettings
from lth_core.config.block import Block


def _union(factor: Factor, base: type[Block]) -> Any:
    """Return the type of the settings of any source of a factor, which `source` tells apart."""
    models = []
    for name in sources(factor):
        model = getattr(source_module(factor, name), "Settings", None)
        named = model.model_fields["source"].annotation if model else None
        if not (model and issubclass(model, base) and get_args(named) == (name,)):
            raise TypeError(
                f"{module_name(factor, name)}: should have a class Settings({base.__name__}) with"
                f" the key `source: Literal[{name!r}]`"
            )
        models.append(model)
    return Annotated[Union[tuple(models)], Field(discriminator="source")]  # noqa: UP007


if TYPE_CHECKING:
    MaskSource = MaskSettings
    WeightSource = WeightSettings
else:
    MaskSource = _union("masks", MaskSettings)
    WeightSource = _union("weights", WeightSettings)


class Distillation(Block):
    """Training on the answers of a teacher beside the labels (Hinton et al., 2015).

    From round 1 on. Evaluations are of the labels alone.
    """

    experiment: str = Field(
        description="Name of the experiment whose trained dense network, of the same trial, is the"
        " teacher."
    )
    alpha: float = Field(
        ge=0, le=1, description="Share of the labels in the loss; the rest is the teacher's."
    )
    temperature: float = Field(
        gt=0,
        description="T, by which the logits of both networks are divided in the teacher's part,"
        " which is multiplied by T squared.",
    )

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the teacher; none for the dense network, which is trained without."""
        return {"teacher": Parent(self.experiment, 0, (WEIGHTS,))} if round_ else {}

    def told(self) -> dict[str, float]:
        """Return the job's settings."""
        return self.model_dump(exclude={"experiment"})


class Arm(Block):
    """What is done with the weights: where mask and starting weights come from."""

    mask: MaskSource = Field(description="Where the mask comes from, named by `source`.")
    weights: WeightSource = Field(
        description="Where the starting weights come from, named by `source`."
    )
    distillation: Distillation | None = Field(
        None, description="A teacher, if the networks are to learn from one as well."
    )

    @property
    def experiments(self) -> dict[str, str]:
        """The other experiments that the arm names, by key, such as `mask.experiment`."""
        named = {
            f"{factor}.{key}": name
            for factor, source in (("mask", self.mask), ("weights", self.weights))
            for key, name in source.experiments.items()
        }
        if self.distillation is not None:
            named["distillation.experiment"] = self.distillation.experiment
        return named

    def parents(self, round_: int) -> dict[str, Parent]:
        """Return the runs that one of this round starts from, by role."""
        return {
            **self.weights.parents(round_),
            **self.mask.parents(round_),
            **(self.distillation.parents(round_) if self.distillation else {}),
        }
