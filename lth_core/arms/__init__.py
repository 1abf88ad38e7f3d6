"""Sources of the masks and starting weights that make up an arm, one file each.

A file in `masks/` or `weights/` is all that a new source takes. It holds its settings (a model
derived from MaskSettings or WeightSettings in `source.py`, which says what it reads of other runs)
and one pure function, `masks` or `weights`, from settings and inputs to arrays.
"""

import keyword
import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Literal

Factor = Literal["masks", "weights"]


def sources(factor: Factor) -> list[str]:
    """Return the names of all sources of a factor."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent / factor)])
    return [module.name.rstrip("_") for module in modules]


def module_name(factor: Factor, source: str) -> str:
    """Return the module of a source: `continue`, a word of Python, is in continue_.py."""
    return f"lth_core.arms.{factor}.{source}{'_' * keyword.iskeyword(source)}"


def source_module(factor: Factor, source: str) -> ModuleType:
    """Return the module of a source, imported only now: sources may load much."""
    return import_module(module_name(factor, source))
