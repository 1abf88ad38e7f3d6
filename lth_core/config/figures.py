"""config/figures/*.yaml: every figure is data, drawn by its family's notebook.

A figure of an existing family needs no Python, only an entry in a file there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import Field

from lth_core.config.distance_figures import MaskDistances
from lth_core.config.distribution_figures import Distributions
from lth_core.config.errors import ConfigError, Errors, unknown_name, validated
from lth_core.config.figure_files import AXES, RawFigure
from lth_core.config.files import read_mapping
from lth_core.config.learning_figures import LearningCurves
from lth_core.config.mask_figures import MaskMaps
from lth_core.config.pixel_figures import PixelMaps
from lth_core.config.pruning_figures import PruningCurves, XAxis
from lth_core.config.share_figures import WinningShare
from lth_core.config.table_figures import ArchitectureTable
from lth_core.config.xor_figures import XorTable

AnyFigure = (
    PruningCurves
    | LearningCurves
    | WinningShare
    | Distributions
    | PixelMaps
    | MaskMaps
    | MaskDistances
    | ArchitectureTable
    | XorTable
)
FigureSpec = Annotated[AnyFigure, Field(discriminator="notebook")]
# By the names of their notebooks.
FAMILIES: dict[str, type[AnyFigure]] = {
    get_args(family.model_fields["notebook"].annotation)[0]: family
    for family in get_args(AnyFigure)
}


def read_axes(config: Path, errors: Errors) -> dict[str, Any]:
    """Return the axes of config/axes.yaml by name, as written; what is wrong goes to `errors`."""
    path = config / AXES
    written: dict[str, Any] = {}
    with errors.gathered("axis"):
        written = read_mapping(path)
    right = {}
    for name, axis in written.items():
        with errors.gathered("axis", name):
            validated(XAxis, path, axis, name)
            right[name] = axis
    return right


def figure(name: str, raw: RawFigure, axes: Mapping[str, Any]) -> AnyFigure:
    """Return a figure as written as its family's model. Raises ConfigError."""
    where = f"{raw.file}: {name}"
    family = raw.settings.get("notebook")
    if family is None:
        raise ConfigError(
            f"{where}: the key notebook is missing: it says which keys belong here."
            f" Valid: {', '.join(sorted(FAMILIES))}."
        )
    if not isinstance(family, str) or family not in FAMILIES:
        raise unknown_name(f"{where}.notebook", family, FAMILIES, "family of figures")
    return validated(FAMILIES[family], raw.file, raw.on(axes, where), name)
