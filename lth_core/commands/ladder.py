"""`lth ladder`: prints the sizes that pruning an architecture leads through."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lth_core.commands.shared import project_at
from lth_core.config.errors import unknown_name
from lth_core.config.experiment import LAST_ROUND
from lth_core.errors import Failure
from lth_core.pruning.count import Scope, keep_after_rounds, weights_remaining


def ladder(
    architecture: Annotated[str, typer.Argument(help="A file in config/architectures/.")],
    rounds: Annotated[int, typer.Option(min=0, max=LAST_ROUND, help="Last round.")] = 28,
    conv: Annotated[float, typer.Option(min=0, max=1, help="Share pruned a round.")] = 0.1,
    fc: Annotated[float, typer.Option(min=0, max=1, help="Share pruned a round.")] = 0.2,
    output: Annotated[float, typer.Option(min=0, max=1, help="Share pruned a round.")] = 0.1,
    scope: Annotated[Scope, typer.Option(help="Weights that compete.")] = "layer",
) -> None:
    """Print how many weights of an architecture are left after each round."""
    known = project_at(None).architectures
    if architecture not in known:
        raise unknown_name("ladder", architecture, known, "architecture")
    layers = known[architecture].weight_layers
    rates = {"conv": conv, "fc": fc, "output": output, "shortcut": 0.0}
    table = Table("round", "weights", "percent")
    for round_ in range(rounds + 1):
        try:
            weights = weights_remaining(layers, keep_after_rounds(rates, round_), scope)
        except ValueError as error:
            raise Failure(str(error)) from None
        percent = 100 * weights / sum(layer.size for layer in layers)
        table.add_row(str(round_), f"{weights:,}", f"{percent:.2f}")
    Console().print(table)
