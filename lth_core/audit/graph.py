"""The graph of manifests behind a result, with every digest recorded and recomputed.

A node is a manifest: one job. Its parents are the manifests it was built on, down to the data
set. Nothing is judged here; see lth_core.audit.judge.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lth_core.audit.manifests import (
    Read,
    is_manifest,
    output_file,
    parse_manifest,
    read_manifest,
    relative,
)
from lth_core.figures import embed
from lth_core.files import sha256_file
from lth_core.published.archive import archive_of, read_archive

UNREADABLE = "unreadable"
# Digests by path and what of the file is meant ("": all bytes).
Digests = dict[tuple[str, str], str | None]


@dataclass(frozen=True)
class File:
    """A file and its digests: recorded in a manifest, and found now (None: it is gone).

    name: as the manifest has it. path: relative to the graph's root.
    """

    name: str
    path: str
    recorded: str
    found: str | None

    @property
    def same(self) -> bool:
        """Whether the file is there and what it was."""
        return self.found == self.recorded


@dataclass(frozen=True)
class Node:
    """One job.

    path: of its manifest, relative to the graph's root. manifest: None where it is gone or
    not one. found: sha256 of the manifest now. recorded: what it should be, by who says so
    (the path of a child's manifest, or of a picture). outputs: what the job wrote. sources:
    inputs that are no manifests. parents: paths of the manifests it was built on. archived: the
    manifest is one of a published result; its files count where they are what they were.
    """

    path: str
    manifest: Mapping[str, Any] | None
    found: str | None
    recorded: Mapping[str, str]
    outputs: tuple[File, ...]
    sources: tuple[File, ...]
    parents: tuple[str, ...]
    archived: bool = False

    @property
    def kind(self) -> str:
        """What the job was: "data", "training", "table", "figure", ... or "unknown"."""
        return str(self.manifest["kind"]) if self.manifest else "unknown"

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the job was told; empty where the manifest is gone."""
        return dict(self.manifest["settings"]) if self.manifest else {}

    @property
    def folder(self) -> str:
        """The folder of the manifest, relative to the root."""
        return os.path.dirname(self.path)


@dataclass(frozen=True)
class Graph:
    """All nodes by path, parents before children; `top` is the path of the last."""

    root: Path
    top: str
    nodes: Mapping[str, Node]

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """The paths of the nodes built on each node."""
        found: dict[str, list[str]] = {path: [] for path in self.nodes}
        for node in self.nodes.values():
            for parent in node.parents:
                found[parent].append(node.path)
        return found

    def of_kind(self, kind: str) -> Iterator[Node]:
        """Yield the nodes of one kind, parents before children."""
        return (node for node in self.nodes.values() if node.kind == kind)


def load_graph(manifest: Path, root: Path, recorded: Mapping[str, str] | None = None) -> Graph:
    """Return the graph below `manifest`, with every file in it hashed once.

    root: the folder that the manifests' paths start from. recorded: what others than its
    children say the digest of `manifest` is, by who says so.
    """
    top = relative(manifest, root)
    archive = archive_of(manifest)
    archived = read_archive(archive) if archive else {}
    manifests = _read_manifests(top, root, archived)
    said: dict[str, dict[str, str]] = {path: {} for path in manifests}
    said[top] |= recorded or {}
    for path, (_, content) in manifests.items():
        for name, digest in _inputs(content).items():
            if is_manifest(name):
                said[name][path] = digest
    files = {key for path, (_, content) in manifests.items() for key in _files(path, content)}
    digests = _digests(root, sorted(files))
    order = _parents_first(top, manifests)
    return Graph(
        root,
        top,
        {
            path: _node(path, manifests[path], said[path], digests, path in archived)
            for path in order
        },
    )


def _read_manifests(top: str, root: Path, archived: Mapping[str, bytes]) -> dict[str, Read]:
    found: dict[str, Read] = {}
    pending = [top]
    while pending:
        path = pending.pop()
        if path not in found:
            data = archived.get(path)
            found[path] = read_manifest(root / path) if data is None else parse_manifest(data)
            pending += [name for name in _inputs(found[path][1]) if is_manifest(name)]
    return found


def _inputs(content: Mapping[str, Any] | None) -> dict[str, str]:
    return dict(content["inputs"]) if content else {}


def _node(
    path: str, read: Read, recorded: Mapping[str, str], digests: Digests, archived: bool
) -> Node:
    found, content = read
    inputs = _inputs(content)
    outputs = dict(content["outputs"]) if content else {}
    return Node(
        path=path,
        manifest=content,
        found=found,
        recorded=recorded,
        outputs=tuple(
            File(name, key[0], digest, _counted(digests[key], digest, archived))
            for name, digest in outputs.items()
            for key in [_output(path, name)]
        ),
        sources=tuple(
            File(name, name, digest, digests[name, ""])
            for name, digest in inputs.items()
            if not is_manifest(name)
        ),
        parents=tuple(name for name in inputs if is_manifest(name)),
        archived=archived,
    )


def _counted(found: str | None, recorded: str, archived: bool) -> str | None:
    """Return the digest found; at the place of an archived job may be the files of another."""
    return None if archived and found != recorded else found


def _files(path: str, content: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return all that a manifest records the digest of, but for other manifests."""
    sources = [(name, "") for name in _inputs(content) if not is_manifest(name)]
    return sources + [_output(path, name) for name in (content or {}).get("outputs", {})]


def _output(manifest: str, name: str) -> tuple[str, str]:
    """Return where an output of a manifest lies, and what of it is meant."""
    return os.path.join(os.path.dirname(manifest), output_file(name)), name.partition(":")[2]


def _digests(root: Path, files: list[tuple[str, str]]) -> Digests:
    # Reading and hashing release the interpreter's lock: threads use all cores.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return dict(zip(files, pool.map(lambda file: _digest(root, *file), files), strict=True))


def _digest(root: Path, name: str, selector: str) -> str | None:
    path = root / name
    if not path.is_file():
        return None
    if not selector:
        return sha256_file(path)
    try:
        return embed.content_digest(path)
    except (OSError, ValueError, SyntaxError, KeyError):  # Pillow's and json's for broken files
        return UNREADABLE


def _parents_first(top: str, manifests: Mapping[str, Read]) -> list[str]:
    order: dict[str, None] = {}
    seen: set[str] = set()

    def visit(path: str) -> None:
        if path in seen:  # also where a forged manifest names a descendant
            return
        seen.add(path)
        for name in sorted(_inputs(manifests[path][1])):
            if is_manifest(name):
                visit(name)
        order[path] = None

    visit(top)
    return list(order)
