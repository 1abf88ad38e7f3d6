"""Loading the graph behind a manifest: every digest is recomputed."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lth_core.audit.archive import archive_of, read_archive
from lth_core.audit.graph import File, Graph, Node
from lth_core.audit.manifests import (
    Read,
    output_file,
    parse_context,
    parse_manifest,
    read_manifest,
    relative,
)
from lth_core.figures import embed
from lth_core.files import sha256_file
from lth_core.provenance.context import context_path
from lth_core.provenance.manifest import is_manifest

UNREADABLE = "unreadable"  # what is found of a picture that is cut off or damaged
# Digests by path and what of the file is meant ("": all bytes).
Digests = dict[tuple[str, str], str | None]


def load_graph(manifest: Path, root: Path, recorded: Mapping[str, str] | None = None) -> Graph:
    """Return the graph below `manifest`, with every file in it hashed once.

    root: the folder that the manifests' paths start from. recorded: what others than its
    children say the digest of `manifest` is, by who says so. Raises Failure where the archive of
    a published result is damaged.
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
    nodes = {}
    for path in _parents_first(top, manifests):
        context = _context(path, root, archived)
        nodes[path] = _node(path, manifests[path], context, said[path], digests, path in archived)
    return Graph(root, top, nodes)


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


def _context(path: str, root: Path, archived: Mapping[str, bytes]) -> Mapping[str, Any] | None:
    """Return the context of a job; where an archived one lay may be that of another."""
    beside = context_path(Path(path))
    if path in archived:
        return parse_context(archived.get(beside.as_posix(), b""))
    file = root / beside
    return parse_context(file.read_bytes()) if file.is_file() else None


def _inputs(content: Mapping[str, Any] | None) -> dict[str, str]:
    return dict(content["inputs"]) if content else {}


def _node(
    path: str,
    read: Read,
    context: Mapping[str, Any] | None,
    recorded: Mapping[str, str],
    digests: Digests,
    archived: bool,
) -> Node:
    found, content = read
    inputs = _inputs(content)
    outputs = dict(content["outputs"]) if content else {}
    return Node(
        path=path,
        manifest=content,
        context=context,
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
