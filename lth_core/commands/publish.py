"""`lth publish`: keeps figures in git, with the tables and provenance behind them."""

from typing import Annotated

import typer

from lth_core.audit.archive import PUBLISHED
from lth_core.commands.shared import Scale, project_at


def publish(
    figures: Annotated[list[str], typer.Argument(help="Built figures, such as fig04.")],
    scale: Scale = None,
    masks: Annotated[bool, typer.Option(help="Include masks of the runs.")] = True,
) -> None:
    """Copy what FIGURES rest on to results/published/SCALE; draw them and judge claims there.

    The masks of an experiment's runs are included if they are kept and take at most 10 MB.
    """
    # Here, not above: what draws takes seconds to load, and this file is loaded by every `lth`.
    from lth_core.publish.page import write_page
    from lth_core.publish.publish import publish as published

    for line in published(project_at(scale), figures, masks):
        print(line, flush=True)
    write_page(PUBLISHED)
