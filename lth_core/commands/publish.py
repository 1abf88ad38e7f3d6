"""`lth publish`: keeps figures in git, with the tables and the provenance that they rest on."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lth_core.audit.archive import PUBLISHED
from lth_core.config.files import read_mapping
from lth_core.config.load import load
from lth_core.errors import Failure

CONFIG = Path("config")


def publish(
    figures: Annotated[list[str], typer.Argument(help="Figures that are built, such as fig04.")],
    scale: Annotated[str | None, typer.Option(help="Not that of config.yaml.")] = None,
) -> None:
    """Copy what FIGURES rest on to results/published/SCALE; draw them and judge claims there."""
    # Here, not above: what draws takes seconds to load, and this file is loaded by every `lth`.
    from lth_core.publish.page import write_page
    from lth_core.publish.publish import publish as published

    try:
        settings = read_mapping(CONFIG / "config.yaml")
        project = load(CONFIG, settings | ({"scale": scale} if scale else {}))
        for path, changed in published(project, figures):
            print(f"{path}{'' if changed else ' is as it was'}", flush=True)
    except (Failure, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    write_page(PUBLISHED)
