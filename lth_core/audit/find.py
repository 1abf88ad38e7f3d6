"""Finds the manifest that vouches for a result."""

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth_core.audit.manifests import output_file, read_manifest, relative
from lth_core.audit.pictures import content_digest, embedded_provenance
from lth_core.errors import Failure
from lth_core.provenance import manifest


class NotFound(Failure):
    """No manifest vouches for a file; says where it was looked for."""


@dataclass(frozen=True)
class Found:
    """A file, its manifest, and the folder that the manifest's paths start from.

    recorded: digest of the manifest by who says so, if any but its children do. how: in
    words, for the reader.
    """

    file: Path
    manifest: Path
    root: Path
    recorded: Mapping[str, str]
    how: str


def find(file: Path, folders: Iterable[Path]) -> Found:
    """Return the manifest of `file`; `folders` are searched where none lies beside it.

    A picture or notebook names its manifest by digest; of other files the manifest beside
    them tells, or any that records their content. Raises NotFound, or OSError if there is no
    such file.
    """
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no such file{_figures_called(file, folders)}")
    if file.is_dir() and (file / manifest.NAME).is_file():
        file = file / manifest.NAME
    if manifest.is_manifest(file.name):
        return _found(file, file, {}, "itself a manifest")
    digest = content_digest(file)
    embedded = embedded_provenance(file)
    if embedded:
        return _by_digest(file, embedded, list(folders))
    beside = _beside(file)
    if beside:
        return _found(file, beside, {}, "beside it")
    for path in manifests(folders):
        content = read_manifest(path)[1]
        if content and digest in content["outputs"].values():
            return _found(file, path, {}, "by its content, found there")
    raise NotFound(
        f"{file}: it names no manifest, none lies beside it, and none below"
        f" {_listed(folders)} records its content ({digest[:8]}): nothing vouches for it"
    )


def _figures_called(name: Path, folders: Iterable[Path]) -> str:
    """Return a hint for who gave a figure's name instead of a file."""
    figure = f"figures/{glob.escape(str(name))}.png"
    patterns = f"*/{figure}", f"published/*/{figure}"
    found = [str(path) for folder in folders for each in patterns for path in folder.glob(each)]
    return f"; figures of that name: {', '.join(sorted(found))}" if found else ""


def project_root(path: Path, content: Mapping[str, Any] | None) -> Path:
    """Return the folder that the inputs of the manifest at `path` are relative to.

    The nearest one above it that has any of them; else the current one.
    """
    # Not resolved: results/ may be a link to another place, which has no config/ beside it.
    for folder in Path(os.path.abspath(path)).parents:
        if any((folder / name).exists() for name in (content or {}).get("inputs", {})):
            return folder
    return Path.cwd()


def manifests(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield all manifests below `folders`: those of figures, which are few, first."""
    for folder in folders:
        found = sorted(folder.rglob(f"*{manifest.NAME}"))
        yield from sorted(found, key=lambda path: path.name == manifest.NAME)


def _by_digest(file: Path, embedded: Mapping[str, Any], folders: list[Path]) -> Found:
    digest, figure, scale = (embedded.get(key) for key in ("manifest", "figure", "scale"))
    recorded = {file.name: str(digest)}
    named = f"{figure}.{manifest.NAME}"
    near = [file.with_name(f"{file.stem}.{manifest.NAME}"), file.with_name(named)]
    known = [path for path in [*near, *manifests(folders)] if path.is_file()]
    for path in known:
        if read_manifest(path)[0] == digest:
            return _found(file, path, recorded, "by the digest inside it")
    # None has that digest; one that should have it shows where the two part.
    for path in known:
        if path in near or (path.name == named and path.parent.parent.name == scale):
            return _found(file, path, recorded, "by its name: none has the digest inside it")
    raise NotFound(
        f"{file}: it says that it is {figure} at scale {scale}, but no manifest below"
        f" {_listed(folders)} has the digest {digest}. Ask for the manifest, or --search the"
        " folder that has it."
    )


def _beside(file: Path) -> Path | None:
    # fig04.runs.parquet is an output of fig04.
    named = f"{file.name.partition('.')[0]}.{manifest.NAME}"
    for path in (file.with_name(named), file.with_name(manifest.NAME)):
        content = read_manifest(path)[1]
        if content and file.name in {output_file(name) for name in content["outputs"]}:
            return path
    return None


def _found(file: Path, path: Path, recorded: Mapping[str, str], how: str) -> Found:
    root = project_root(path, read_manifest(path)[1])
    return Found(file, path, root, recorded, f"{relative(path, Path.cwd())} ({how})")


def _listed(folders: Iterable[Path]) -> str:
    return ", ".join(str(folder) for folder in folders)
