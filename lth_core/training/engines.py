"""Selects the engine of a job, and imports only that one: torch takes seconds to load."""

import warnings
from collections.abc import Callable
from importlib import import_module

from lth_core.data.split import Split
from lth_core.networks.shapes import Masks
from lth_core.training.loop import Engine
from lth_core.training.registry import ENGINES
from lth_core.training.state import Optimiser, State


class CompilerMissing(RuntimeError):
    """The sparse kernel cannot be compiled or loaded here."""


def make_engine(
    name: str,
    network: dict[str, object],
    optimiser: Optimiser,
    splits: dict[str, Split],
    states: list[State],
    masks: list[Masks],
    precision: str,
    label_smoothing: float = 0.0,
) -> Engine:
    """Return the engine called `name`; torch, with a warning, where no compiler works.

    precision, label_smoothing: of the torch engine; the sparse one has float32 and no smoothing.
    """
    arguments = (network, optimiser, splits, states, masks)
    if name == "sparse":
        try:
            return _load(name)(*arguments)
        except CompilerMissing as error:
            message = f"the sparse engine cannot be compiled, using torch: {error}"
            warnings.warn(message, stacklevel=2)
    return _load("torch")(*arguments, precision=precision, label_smoothing=label_smoothing)


def _load(name: str) -> Callable[..., Engine]:
    module, engine = ENGINES[name]
    made: Callable[..., Engine] = getattr(import_module(module), engine)
    return made
