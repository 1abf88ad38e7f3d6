"""`lth publish`: keeps figures in git, with the tables and the provenance that they rest on."""

from typing import Annotated

import typer

from lth_core.audit.archive import PUBLISHED
from lth_core.commands.shared import Scale, project_at


def publish(
    figures: Annotated[list[str], typer.Argument(help="Figures that are built, such as fig04.")],
    scale: Scale = None,
    masks: Annotated[bool, typer.Option(help="Masks of the runs come along.")] = True,
) -> None:
    """Copy what FIGURES rest on to results/published/SCALE; draw them and judge claims there.

    The masks of an experiment's runs come along where they are kept, and take 10 MB at most.
    """
    # Here, not above: what draws takes seconds to load, and this file is loaded by every `lth`.
    from lth_core.publish.page import write_page
    from lth_core.publish.publish import publish as published

    for line in published(project_at(scale), figures, masks):
        print(line, flush=True)
    write_page(PUBLISHED)
