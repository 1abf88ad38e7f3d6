"""Selects the files of a project for a crate, each at its place in the project."""

import os
from collections.abc import Iterator
from pathlib import Path

from lth_core.audit.archive import archive_of
from lth_core.audit.graph import Graph, Node
from lth_core.audit.manifests import is_outside, output_file, relative
from lth_core.errors import Failure
from lth_core.provenance.context import context_path

# The workflow: what a reader needs to understand the jobs, and to run them again.
WORKFLOW = (
    *("Snakefile", "rules/**/*", "lth_core/**/*", "config/**/*", "notebooks/*.ipynb"),
    *("profiles/**/*", "environment.yml", "requirements.in", "requirements.txt"),
    *("pyproject.toml", "LICENSE", "CITATION.cff"),
)
# What comes along where there is nothing but the workflow.
_PAGES = ("*.md", "docs/*.md", "codemeta.json", "Makefile", "slurm/*.yaml")
_HEAVY = ".safetensors"  # weights and masks, a thousand times as large as all the rest

_MEDIA_TYPES = {
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".csv": "text/csv",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
    ".parquet": "application/vnd.apache.parquet",
    ".safetensors": "application/octet-stream",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".cff": "application/yaml",
    ".toml": "application/toml",
    ".py": "text/x-python",
    ".c": "text/x-c",
    ".md": "text/markdown",
}


def media_type(name: str) -> str:
    """Return the media type of a file, by its ending."""
    return _MEDIA_TYPES.get(Path(name).suffix, "text/plain")


def workflow_files(root: Path, alone: bool = False) -> list[str]:
    """Return the files of the workflow at `root`, relative to it.

    alone: with the pages, since nothing else is packed. Raises Failure where a file is lacking
    that no crate can do without.
    """
    patterns = (*WORKFLOW, *_PAGES) if alone else WORKFLOW
    for name in ("Snakefile", "LICENSE", "CITATION.cff", *(["README.md"] if alone else [])):
        if not (root / name).is_file():
            raise Failure(f"{root / name} is missing: export from a complete checkout")
    found = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    names = sorted(relative(path, root) for path in found)
    return [name for name in names if "__pycache__" not in name and "/." not in name]


def result_files(graph: Graph, weights: bool) -> list[str]:
    """Return manifests, tables, metrics and the figure itself, where they are what they were.

    weights: with the weights and masks of all runs, too; data sets are never among them, as
    anybody can fetch and verify them. Raises Failure where a file lies outside the project.
    """
    archive = archive_of(graph.top, graph.root)
    found = {relative(archive, graph.root)} if archive else set[str]()
    for node in graph.nodes.values():
        found.update(job_files(node, weights))
        found.update(file.name for file in node.sources if file.same)
    outside = sorted(name for name in found if is_outside(name))
    if outside:
        raise Failure(
            f"{outside[0]} lies outside {graph.root.resolve()}, and has no place in a crate of it."
            " Audit and pack the figure from its place below results/."
        )
    return sorted(found)


def job_files(node: Node, weights: bool) -> Iterator[str]:
    """Yield manifest, context and outputs of one job that go into a crate."""
    if not node.archived and node.manifest is not None:
        yield node.path
        if node.context is not None:
            yield context_path(Path(node.path)).as_posix()
    for output in node.outputs:
        name = output_file(output.name)
        heavy = name.endswith(_HEAVY) and (node.kind == "dataset" or not weights)
        if output.same and not heavy:
            yield output.path


def check_private(root: Path, names: list[str]) -> None:
    """Raise Failure where a file names a folder of this machine, as warnings in notebooks do."""
    folders = [str(folder) for folder in (root.resolve(), Path.home()) if folder.parent != folder]
    private = [f"{folder}{os.sep}".encode() for folder in folders]
    for name in names:
        data = (root / name).read_bytes()
        told = next((folder for folder in private if folder in data), None)
        if told:
            raise Failure(
                f"{root / name} names the folder {told.decode()} of this machine, which does not"
                " belong in a crate. Remove it, or remake the file."
            )
