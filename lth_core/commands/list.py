"""`lth list`: lists the names in config/ and the code, each with a line of description."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, get_args

import typer

from lth_core.arms import Factor, source_module, sources
from lth_core.commands.shared import columns, project_at
from lth_core.config.load import Project
from lth_core.figure_names import place


class What(StrEnum):
    """What can be listed."""

    EXPERIMENTS = "experiments"
    ARCHITECTURES = "architectures"
    FIGURES = "figures"
    SOURCES = "sources"


def list_names(
    what: Annotated[What, typer.Argument(help="What to list.")],
) -> None:
    """List the names of experiments, architectures, figures, or sources of masks and weights."""
    rows = {
        What.EXPERIMENTS: _experiments,
        What.ARCHITECTURES: _architectures,
        What.FIGURES: _figures,
        What.SOURCES: _sources,
    }[what]
    print("\n".join(columns(list(rows(project_at(None))))))


def _experiments(project: Project) -> Iterator[tuple[str, str]]:
    networks, xor = project.paper_experiments, project.xor.experiments
    for name in sorted([*networks, *xor]):
        yield name, (networks[name] if name in networks else xor[name]).description


def _architectures(project: Project) -> Iterator[tuple[str, str]]:
    for name, network in sorted(project.architectures.items()):
        weights = sum(layer.size for layer in network.weight_layers)
        yield name, f"input {'x'.join(map(str, network.input))}, {weights:,} weights"


def _figures(project: Project) -> Iterator[tuple[str, str]]:
    for name in sorted(project.figures, key=place):
        yield name, project.figures[name].title


def _sources(_: Project) -> Iterator[tuple[str, str]]:
    for factor in get_args(Factor):
        for name in sorted(sources(factor)):
            said = source_module(factor, name).Settings.__doc__ or ""
            yield f"{factor}/{name}", " ".join(said.split())
