"""The built-in data sets, one file each, defined by its constant `SET`.

A file's name has no underscore: config/datasets/NAME_VARIANT.yaml is a variant of NAME.
"""

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from lth_core.data.dataset import DataSet
from lth_core.data.errors import DataError


def names() -> list[str]:
    """Return the names of all data sets."""
    return [module.name for module in pkgutil.iter_modules(__path__)]


@cache
def of(name: str) -> DataSet:
    """Return the data set called `name`, which needs none of its data. Raises DataError."""
    if name not in names():
        raise DataError(f"no data set is called {name!r}; known: {', '.join(names())}")
    return cast(DataSet, import_module(module_of(name)).SET)


def module_of(name: str) -> str:
    """Return the module of the data set called `name`."""
    return f"{__name__}.{name}"
