"""Shared by the commands: options, the project of the current folder, failures in one line."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from errno import EISDIR, ENOENT
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lth_core.config.errors import unknown_name
from lth_core.config.files import named_files, read_mapping
from lth_core.config.load import Project, load
from lth_core.errors import Failure

CONFIG, RESULTS = Path("config"), Path("results")
Experiment = Annotated[str, typer.Argument(help="Name of an experiment, such as lenet_imp.")]
Round = Annotated[int, typer.Option("--round", min=0, help="Round: prunings so far.")]
Trial = Annotated[int, typer.Option(min=0, help="Trial.")]
Scale = Annotated[str | None, typer.Option(help="Scale; by default that of config.yaml.")]
Search = Annotated[
    list[Path] | None,
    typer.Option(exists=True, file_okay=False, help="More folders to search for manifests."),
]
# What is raised where a forged manifest lacks something.
SENSELESS = (AttributeError, KeyError, TypeError, ValueError, StopIteration)
_JUDGING = ("audit", "diff")  # of which status 1 says something else


class Commands(TyperGroup):
    """Commands that end with status 1, or 2 where they judge, and a line that says what failed."""

    def invoke(self, ctx: Any) -> Any:
        """Invoke the command that was called."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):  # "?" for what a terminal of another locale lacks
                stream.reconfigure(errors="replace")
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()  # here, where a broken pipe is heard; not when Python ends
        except BrokenPipeError:  # of `| head`, which has seen enough
            raise
        except (Failure, OSError) as error:
            text = _sentence(error) if isinstance(error, OSError) else error
            print(text, file=sys.stderr)
            raise typer.Exit(2 if ctx.invoked_subcommand in _JUDGING else 1) from None


def _sentence(error: OSError) -> str:
    """Return what the system says of a file without its number, the file first."""
    if error.filename is None or error.strerror is None:
        return str(error)
    reasons = {ENOENT: "there is no such file", EISDIR: "this is a folder, not a file"}
    said = reasons.get(error.errno or 0, error.strerror.lower())
    return f"{error.filename}: {said}"


@contextmanager
def sensible(*files: Path) -> Iterator[None]:
    """Raise Failure where the manifests of `files`, which the block reads, make no sense."""
    try:
        yield
    except Failure:  # a damaged manifest: it is a ValueError as well, and says what is wrong
        raise
    except SENSELESS as error:
        names = ", ".join(map(str, files))
        raise Failure(f"{names}: its manifests make no sense: {error!r}") from None


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of text as lines, their cells in columns; nothing is cut or folded."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def project_at(scale: str | None, settings: Mapping[str, object] | None = None) -> Project:
    """Return the project of the current folder at a scale, that of config.yaml if None.

    settings: instead of those of config.yaml. Raises ConfigError.
    """
    scales = named_files(CONFIG / "scales")
    if scale and scales and scale not in scales:
        raise unknown_name("--scale", scale, scales, "scale")
    given = {**(settings or {}), **({"scale": scale} if scale else {})}
    return load(CONFIG, read_mapping(CONFIG / "config.yaml") | given)
