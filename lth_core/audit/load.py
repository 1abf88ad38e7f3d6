"""Loads the graph behind a manifest, recomputing every digest."""

import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lth_core.audit.archive import archive_of, is_published, read_archive
from lth_core.audit.graph import File, Graph, Node
from lth_core.audit.manifests import (
    Read,
    output_file,
    parse_manifest,
    read_manifest,
    relative,
)
from lth_core.audit.pictures import BROKEN
from lth_core.figures import embed
from lth_core.files import sha256_file
from lth_core.provenance import context
from lth_core.provenance.context import context_path
from lth_core.provenance.manifest import is_manifest

UNREADABLE = "unreadable"  # what is found of a picture that is cut off or damaged
# Digests by path and the part of the file ("": all bytes).
Digests = dict[tuple[str, str], str | None]


def load_graph(manifest: Path, root: Path, recorded: Mapping[str, str] | None = None) -> Graph:
    """Return the graph below `manifest`, with every file in it hashed once.

    root: the folder that the manifests' paths start from. recorded: what others than its
    children say the digest of `manifest` is, by who says so. Raises Failure where the archive of
    a published result is damaged.
    """
    top = relative(manifest, root)
    archived = _archived(top, root)
    manifests = _read_manifests(top, root, archived)
    said: dict[str, dict[str, str]] = {path: {} for path in manifests}
    said[top] |= recorded or {}
    for path, (_, content) in manifests.items():
        for name in _parents(content):
            said[name][path] = _recorded(content, "inputs")[name]
    digests = _digests(root, {key for path, one in manifests.items() for key in _files(path, one)})
    nodes = {
        path: _node(
            path, read, _context(path, root, archived), said[path], digests, path in archived
        )
        for path, read in manifests.items()
    }
    return Graph(root, top, nodes)


def _archived(top: str, root: Path) -> dict[str, bytes]:
    """Return the archived files behind a published manifest; none that are published themselves."""
    archive = archive_of(top, root)
    files = read_archive(archive) if archive else {}
    return {path: data for path, data in files.items() if not is_published(path)}


def _read_manifests(top: str, root: Path, archived: Mapping[str, bytes]) -> dict[str, Read]:
    """Return the manifests behind `top` by path, parents before children."""
    found: dict[str, Read] = {}
    seen: set[str] = set()

    def visit(path: str) -> None:
        if path in seen:  # also where a forged manifest names a descendant
            return
        seen.add(path)
        data = archived.get(path)
        read = read_manifest(root / path) if data is None else parse_manifest(data)
        for name in sorted(_parents(read[1])):
            visit(name)
        found[path] = read

    visit(top)
    return found


def _context(path: str, root: Path, archived: Mapping[str, bytes]) -> Mapping[str, Any] | None:
    """Return the context of a job; where an archived one lay may be that of another."""
    if path in archived:
        return context.parse(archived.get(context_path(Path(path)).as_posix(), b""))
    return context.read(root / path)


def _recorded(content: Mapping[str, Any] | None, what: str) -> dict[str, str]:
    """Return the digests of a manifest's "inputs" or "outputs"; none where it is gone."""
    return content[what] if content else {}


def _parents(content: Mapping[str, Any] | None) -> list[str]:
    return [name for name in _recorded(content, "inputs") if is_manifest(name)]


def _node(
    path: str,
    read: Read,
    context: Mapping[str, Any] | None,
    recorded: Mapping[str, str],
    digests: Digests,
    archived: bool,
) -> Node:
    found, content = read
    return Node(
        path=path,
        manifest=content,
        context=context,
        found=found,
        recorded=recorded,
        outputs=tuple(
            File(name, key[0], digest, _counted(digests[key], digest, archived))
            for name, digest in _recorded(content, "outputs").items()
            for key in [_output(path, name)]
        ),
        sources=tuple(
            File(name, name, digest, digests[name, ""])
            for name, digest in _recorded(content, "inputs").items()
            if not is_manifest(name)
        ),
        parents=tuple(_parents(content)),
        archived=archived,
    )


def _counted(found: str | None, recorded: str, archived: bool) -> str | None:
    """Return the digest found; at the place of an archived job may be the files of another."""
    return None if archived and found != recorded else found


def _files(path: str, read: Read) -> list[tuple[str, str]]:
    """Return all that a manifest records the digest of, but for other manifests."""
    content = read[1]
    sources = [(name, "") for name in _recorded(content, "inputs") if not is_manifest(name)]
    return sources + [_output(path, name) for name in _recorded(content, "outputs")]


def _output(manifest: str, name: str) -> tuple[str, str]:
    """Return where an output of a manifest lies, and what of it is meant."""
    return os.path.join(os.path.dirname(manifest), output_file(name)), name.partition(":")[2]


def _digests(root: Path, keys: Collection[tuple[str, str]]) -> Digests:
    files = sorted(keys)
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
    except BROKEN:
        return UNREADABLE
