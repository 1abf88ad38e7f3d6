"""The command `lth`: inspects config/ and results/ of the current folder; Snakemake runs jobs."""

from typing import Annotated

import typer

from lth_core import __version__
from lth_core.commands.audit import audit
from lth_core.commands.check import check
from lth_core.commands.crate import crate
from lth_core.commands.data import data
from lth_core.commands.deviations import deviations
from lth_core.commands.diff import diff
from lth_core.commands.docs import docs
from lth_core.commands.export import export
from lth_core.commands.gallery import gallery
from lth_core.commands.ladder import ladder
from lth_core.commands.list import list_names
from lth_core.commands.plan import plan
from lth_core.commands.publish import publish
from lth_core.commands.results import results
from lth_core.commands.shared import Commands
from lth_core.commands.show import show
from lth_core.commands.train import train

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help=__doc__,
    rich_markup_mode="markdown",  # which fills lines anew; others break them twice
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(audit)
app.command()(check)
app.command()(crate)
app.command()(data)
app.command()(deviations)
app.command()(diff)
app.command()(docs)
app.command()(export)
app.command()(gallery)
app.command()(ladder)
app.command("list")(list_names)
app.command()(plan)
app.command()(publish)
app.command()(results)
app.command()(show)
app.command()(train)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"lth {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass


if __name__ == "__main__":
    app()
