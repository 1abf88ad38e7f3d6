"""`lth gallery`: the page of all figures, from what is built already."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lth_core.config.errors import ConfigError
from lth_core.config.files import read_mapping
from lth_core.config.load import load
from lth_core.errors import Failure
from lth_core.jobs import gallery as kind
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.runs.plan import Plan

CONFIG = Path("config")


def gallery(
    scale: Annotated[str | None, typer.Option(help="Not that of config.yaml.")] = None,
) -> None:
    """Write results/SCALE/gallery.html of the figures that are built (the rule builds them all)."""
    try:
        settings = read_mapping(CONFIG / "config.yaml")
        plan = Plan(load(CONFIG, settings | ({"scale": scale} if scale else {})))
        job = kind.job(plan, {"results": plan.results})
        run("gallery", job, code_of("gallery", job), Path(plan.results))
    except (ConfigError, Failure, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
