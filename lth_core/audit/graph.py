"""The graph of manifests behind a result, with every digest recorded and recomputed.

A node is a manifest: one job. Its parents are the manifests it was built on, down to the data
set. Nothing is judged here; see lth_core.audit.judge.
"""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lth_core.figures import embed
from lth_core.files import sha256_bytes, sha256_file

UNREADABLE = "unreadable"
_KEYS = ("kind", "settings", "code", "inputs", "outputs", "environment", "source")


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
    inputs that are no manifests. parents: paths of the manifests it was built on.
    """

    path: str
    manifest: Mapping[str, Any] | None
    found: str | None
    recorded: Mapping[str, str]
    outputs: tuple[File, ...]
    sources: tuple[File, ...]
    parents: tuple[str, ...]

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
    manifests = _read_manifests(top, root)
    said: dict[str, dict[str, str]] = {path: {} for path in manifests}
    said[top] |= recorded or {}
    for path, (_, content) in manifests.items():
        for name, digest in _inputs(content).items():
            if is_manifest(name):
                said[name][path] = digest
    wanted = {name for _, content in manifests.values() for name in _hashed(content)}
    outputs = {
        path: {name: _output_path(path, name) for name in (content or {}).get("outputs", {})}
        for path, (_, content) in manifests.items()
    }
    jobs = {(name, "") for name in wanted} | {
        (file, _selector(name)) for files in outputs.values() for name, file in files.items()
    }
    found = _digests(root, sorted(jobs))
    nodes = {}
    for path in _parents_first(top, manifests):
        digest, content = manifests[path]
        inputs = _inputs(content)
        nodes[path] = Node(
            path=path,
            manifest=content,
            found=digest,
            recorded=said[path],
            outputs=tuple(
                File(name, file, content["outputs"][name], found[file, _selector(name)])
                for name, file in outputs[path].items()
                if content
            ),
            sources=tuple(
                File(name, name, inputs[name], found[name, ""]) for name in _hashed(content)
            ),
            parents=tuple(name for name in inputs if is_manifest(name)),
        )
    return Graph(root, top, nodes)


def read_manifest(path: Path) -> tuple[str | None, dict[str, Any] | None]:
    """Return digest and content of a manifest; None and None where there is no file.

    The content is None where the file is not a manifest.
    """
    try:
        data = path.read_bytes()
    except OSError:
        return None, None
    try:
        content = json.loads(data)
        whole = isinstance(content, dict) and all(key in content for key in _KEYS)
    except ValueError:
        whole = False
    return sha256_bytes(data), content if whole else None


def is_manifest(name: str) -> bool:
    """Return whether a file is a manifest, by its name: manifest.json or X.manifest.json."""
    return os.path.basename(name).endswith("manifest.json")


def relative(path: Path, root: Path) -> str:
    """Return `path` as manifests write it: relative to `root`, with forward slashes."""
    return Path(os.path.relpath(path, root)).as_posix()


def output_file(name: str) -> str:
    """Return the file of an output's name: `fig04.png:pixels` is what fig04.png shows."""
    return name.partition(":")[0]


def _read_manifests(top: str, root: Path) -> dict[str, tuple[str | None, dict[str, Any] | None]]:
    found: dict[str, tuple[str | None, dict[str, Any] | None]] = {}
    pending = [top]
    while pending:
        path = pending.pop()
        if path not in found:
            found[path] = read_manifest(root / path)
            pending += [name for name in _inputs(found[path][1]) if is_manifest(name)]
    return found


def _inputs(content: Mapping[str, Any] | None) -> dict[str, str]:
    return dict(content["inputs"]) if content else {}


def _hashed(content: Mapping[str, Any] | None) -> list[str]:
    return [name for name in _inputs(content) if not is_manifest(name)]


def _output_path(manifest: str, name: str) -> str:
    return os.path.join(os.path.dirname(manifest), output_file(name))


def _selector(name: str) -> str:
    return name.partition(":")[2]


def _digests(root: Path, files: list[tuple[str, str]]) -> dict[tuple[str, str], str | None]:
    """Return the digests of files, each with what of it is meant ("": all bytes)."""
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


def _parents_first(top: str, manifests: Mapping[str, tuple[Any, Any]]) -> list[str]:
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
