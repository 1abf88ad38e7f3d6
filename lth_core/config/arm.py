"""Typed model of an arm: a mask source and a weight source, each from a file of its own."""

from typing import TYPE_CHECKING, Annotated, Any, Union, get_args

from pydantic import Field

from lth_core.arms import Factor, module_name, source_module, sources
from lth_core.arms.source import MaskSettings, WeightSettings
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


class Arm(Block):
    """What is done with the weights: where mask and starting weights come from."""

    mask: MaskSource = Field(description="Where the mask comes from, named by `source`.")
    weights: WeightSource = Field(
        description="Where the starting weights come from, named by `source`."
    )

    @property
    def experiments(self) -> dict[str, str]:
        """The other experiments that the sources name, by key, such as `mask.experiment`."""
        return {
            f"{factor}.{key}": name
            for factor, source in (("mask", self.mask), ("weights", self.weights))
            for key, name in source.experiments.items()
        }
