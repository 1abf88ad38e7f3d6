"""The command `lth`: inspects config/ and results/ of the current folder; Snakemake runs jobs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lth_core import __version__
from lth_core.commands.audit import audit
from lth_core.commands.crate import crate
from lth_core.commands.data import data
from lth_core.commands.deviations import deviations
from lth_core.commands.diff import diff
from lth_core.commands.export import export
from lth_core.commands.gallery import gallery
from lth_core.commands.list import list_names
from lth_core.commands.plan import plan
from lth_core.commands.publish import publish
from lth_core.commands.shared import CONFIG, RESULTS, SENSELESS, Commands, Scale, project_at
from lth_core.commands.show import show
from lth_core.commands.train import train
from lth_core.config.check_claims import checked_claims
from lth_core.config.documents import documents, write_documents
from lth_core.config.errors import unknown_name
from lth_core.config.models import LAST_ROUND
from lth_core.crate.codemeta import FILE, codemeta
from lth_core.errors import Failure
from lth_core.figure_names import remarks
from lth_core.provenance import manifest
from lth_core.pruning.count import Scope, keep_after_rounds, weights_remaining
from lth_core.runs.plan import Plan
from lth_core.words import plural

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help=__doc__,
    rich_markup_mode="markdown",  # which fills lines anew; others break them twice
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(audit)
app.command()(crate)
app.command()(data)
app.command()(deviations)
app.command()(diff)
app.command()(export)
app.command("list")(list_names)
app.command()(plan)
app.command()(gallery)
app.command()(publish)
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


@app.command()
def check(scale: Scale = None) -> None:
    """Check config/ and count what would be run."""
    project = project_at(scale)
    checked_claims(CONFIG, project)
    plan = Plan(project)
    planned = sum(1 for name in plan.experiments for _ in plan.runs(name))
    trained = sum(len(job.runs) for job in plan.jobs.values())
    print(f"{CONFIG}/ is valid. At scale {project.config.scale}:")
    experiments, jobs = len(plan.experiments), len(plan.jobs)
    left_out = len(project.dropped)
    print(f"{experiments:6,} {plural('experiment', experiments)} ({left_out} left out)")
    print(f"{planned:6,} {plural('run', planned)}, {planned - trained:,} of them shared")
    print(f"{jobs:6,} {plural('job', jobs)} to train the other {trained:,}")


@app.command()
def docs() -> None:
    """Update config/REFERENCE.md, config/schemas/ and codemeta.json."""
    if not CONFIG.joinpath("config.yaml").is_file():
        raise Failure(f"{CONFIG}/config.yaml is missing: go to the top folder of the project")
    texts = documents(CONFIG)
    if Path("CITATION.cff").exists():  # of which codemeta.json is made
        texts[Path(FILE)] = codemeta(Path())
    changed = write_documents(texts)
    print("\n".join(f"wrote {path}" for path in changed) or "all up to date")


@app.command()
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


@app.command()
def results() -> None:
    """List the figures that are built, their scale and what that leaves out."""
    table = Table("figure", "scale", "file", "note")
    for path in sorted(RESULTS.glob("*/figures/*.manifest.json")):
        name, scale = path.name.removesuffix(f".{manifest.NAME}"), path.parent.parent.name
        table.add_row(name, scale, str(path.with_name(f"{name}.png")), _note(path))
    if table.row_count == 0:
        raise Failure(f"{RESULTS}/ has no figures yet; `make quickstart` builds the first ones")
    table.columns[2].no_wrap = True
    Console().print(table)


def _note(figure: Path) -> str:
    """Return what a figure leaves out, by its manifest."""
    try:
        return "; ".join(remarks(manifest.read(figure)["settings"]["scale"]))
    except SENSELESS:
        return "its manifest is damaged; call snakemake again to remake it"


if __name__ == "__main__":
    app()
