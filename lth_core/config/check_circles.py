"""Checks that no run starts from itself, also by way of others."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from lth_core.config.errors import ConfigError, Errors
from lth_core.config.experiment import Experiment
from lth_core.config.experiment_files import Raw

# Rounds by experiment, and those that they start from.
_Rounds = dict[tuple[str, int], list[tuple[str, int]]]


def check_circles(
    raw: Mapping[str, Raw], experiments: Mapping[str, Experiment], errors: Errors
) -> set[str]:
    """Return the experiments whose arms lead back to themselves; each circle goes to `errors`."""
    rounds: _Rounds = {
        (name, round_): [
            (parent.experiment or name, parent.round)
            for parent in experiment.arm.parents(round_).values()
        ]
        for name, experiment in _maybe_circular(experiments).items()
        for round_ in experiment.round_range
    }
    circular: set[str] = set()
    while circle := _circle(rounds):
        first, second = circle[:2]
        named = experiments[first].arm.experiments.items()
        key = next(key for key, name in named if name == second)
        with errors.gathered():
            where = f"{raw[first].file}: {raw[first].key}.arm.{key}"
            raise ConfigError(f"{where}: {' -> '.join(circle)} is circular")
        circular |= {*circle}
        rounds = {place: start for place, start in rounds.items() if place[0] not in circular}
    return circular


def _maybe_circular(experiments: Mapping[str, Experiment]) -> dict[str, Experiment]:
    """Return experiments that may be in a circle: none that starts, in the end, from no other."""
    left = {
        name: {*experiment.arm.experiments.values()} for name, experiment in experiments.items()
    }
    while ends := {name for name, others in left.items() if not others & left.keys()}:
        left = {name: others for name, others in left.items() if name not in ends}
    return {name: experiments[name] for name in left}


def _circle(rounds: _Rounds) -> list[str]:
    """Return experiments of which each starts from the next, the first again last; else none."""
    try:
        TopologicalSorter(rounds).prepare()
    except CycleError as error:
        names = [name for name, _ in reversed(error.args[1])]
        steps = [second for first, second in pairwise(names) if first != second]
        return [names[0], *(steps or names[:1])]
    return []
