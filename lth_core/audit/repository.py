"""Checks the commit and the locked versions of a job against this checkout."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from lth_core.audit.graph import Graph, Node
from lth_core.audit.integrity import short
from lth_core.audit.status import Reason, Status
from lth_core.provenance.git import NoAnswer, git

_MOST = 3  # files that are named


class Repository:
    """The commits and the lock of the checkout at `root`; asked once for all jobs of a graph."""

    def __init__(self, root: Path, graph: Graph) -> None:
        self._root = root
        self._lock = locked_versions(root / "requirements.txt")
        commits = {node.source.get("commit") for node in graph.nodes.values()}
        self._unknown = self._unknown_commits(str(commit) for commit in commits if commit)

    def foreign(self, node: Node) -> Iterator[Reason]:
        """Yield how the job's commit or versions differ from this checkout's.

        The context says so, which no digest covers.
        """
        if node.manifest is None:
            return
        if node.context is None:
            yield Reason(Status.MISSING, "its context is gone")
            return
        if node.context["manifest"] != node.found:
            yield Reason(Status.FOREIGN, "its context is of another manifest")
        yield from (Reason(Status.FOREIGN, text) for text in self._source(node))
        for name, version in sorted(node.environment.items()):
            locked = self._lock.get(name, set())
            if locked and str(version).partition("+")[0] not in locked:
                text = f"made with {name} {version}, the lock has {' or '.join(sorted(locked))}"
                yield Reason(Status.FOREIGN, text)

    def _source(self, node: Node) -> Iterator[str]:
        commit, changed = node.source.get("commit"), node.source.get("changed", ())
        if commit is None:
            yield f"made by no commit that is known: {node.source.get('why')}"
        elif commit in self._unknown:
            text = f"made by commit {short(commit)}, which this checkout does not have"
            cut = ": its history is cut off; `git fetch --unshallow` gets it"
            yield f"{text}{cut if self._shallow else ''}"
        if changed:
            more = f" and {len(changed) - _MOST} more" if len(changed) > _MOST else ""
            names = ", ".join(map(str, changed[:_MOST]))
            yield f"made with changes that no commit holds: {names}{more}"

    @cached_property
    def _shallow(self) -> bool:
        return self._git("rev-parse", "--is-shallow-repository").strip() == "true"

    def _unknown_commits(self, commits: Iterable[str]) -> set[str]:
        """Return the commits that the repository lacks; none where it isn't one."""
        asked = sorted(commits)
        asks = "".join(f"{commit}^{{commit}}\n" for commit in asked)
        answer = self._git("cat-file", "--batch-check", given=asks).splitlines()
        return {c for c, line in zip(asked, answer, strict=False) if line.endswith("missing")}

    def _git(self, *arguments: str, given: str = "") -> str:
        """Return what git says; nothing where there is no git, or no repository."""
        try:
            return git(self._root, *arguments, given=given)
        except NoAnswer:
            return ""


def locked_versions(path: Path) -> dict[str, set[str]]:
    """Return the versions of each package in a lock file; none where there is no file.

    A package may have several, for different versions of Python.
    """
    found: dict[str, set[str]] = {}
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE):
        found.setdefault(name.lower(), set()).add(version.partition("+")[0])
    return found
