"""The graph of manifests behind a result: files, jobs, and what each is built on.

A node is a manifest: one job. Its parents are the manifests it was built on, down to the data
set. What made the job, its context, lies beside the manifest. Nothing is judged here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth_core.arms.loops import KINDS
from lth_core.audit.archive import is_published

# Kinds of jobs.
TRAINING = (*KINDS, "train_xor")


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

    path: of its manifest, relative to the graph's root. manifest, context: None where it is gone
    or not one. found: sha256 of the manifest now. recorded: what it should be, by who says so
    (the path of a child's manifest, or of a picture). outputs: what the job wrote. sources:
    inputs that are no manifests. parents: paths of the manifests it was built on. archived: the
    manifest is one of a published result; its files count where they are what they were.
    """

    path: str
    manifest: Mapping[str, Any] | None
    context: Mapping[str, Any] | None
    found: str | None
    recorded: Mapping[str, str]
    outputs: tuple[File, ...]
    sources: tuple[File, ...]
    parents: tuple[str, ...]
    archived: bool = False

    @property
    def kind(self) -> str:
        """Its kind, by the name of a module of lth_core/jobs, or "unknown"."""
        return str(self.manifest["kind"]) if self.manifest else "unknown"

    @property
    def trains(self) -> bool:
        """Whether it is a training job."""
        return self.kind in TRAINING

    @property
    def settings(self) -> dict[str, Any]:
        """What the job was told; empty where the manifest is gone."""
        return dict(self.manifest["settings"]) if self.manifest else {}

    @property
    def environment(self) -> dict[str, Any]:
        """Machine and versions; empty where the context is gone."""
        return dict(self.context["environment"]) if self.context else {}

    @property
    def source(self) -> dict[str, Any]:
        """The commit, and what the job used that is not in it; empty where the context is gone."""
        return dict(self.context["source"]) if self.context else {}

    @property
    def published(self) -> bool:
        """Whether it is published, so that files that were not may be missing."""
        return self.archived or is_published(self.path)

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
