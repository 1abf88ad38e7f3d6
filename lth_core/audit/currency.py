"""Would Snakemake run a job again, and was it made by what this checkout is?"""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from lth_core.audit.differences import differences, sentence
from lth_core.audit.graph import Graph, Node
from lth_core.audit.integrity import short
from lth_core.audit.planned import Checkout, NotPlanned
from lth_core.audit.status import Reason, Status


def stale(node: Node, graph: Graph, checkout: Checkout) -> list[Reason]:
    """Return why this checkout would not leave the job as it is recorded."""
    if node.manifest is None:
        return []
    reasons = _inputs(node, graph)
    if checkout.problem:
        return reasons
    try:
        planned = checkout.planned(node)
    except NotPlanned as error:
        return [*reasons, Reason(Status.FOREIGN, f"config/ here plans {error}")]
    if planned is None:
        return reasons
    recorded = {key: node.settings.get(key) for key in planned.settings}
    found = differences(recorded, planned.settings)
    if found:
        reasons.append(Reason(Status.STALE, f"settings: {sentence(found, 'here')}"))
    if node.manifest["code"] != planned.code:
        text = f"code: fingerprint {node.manifest['code']}, here {planned.code}"
        reasons.append(Reason(Status.STALE, text))
    if planned.inputs is not None and planned.inputs != set(node.parents):
        more = len(planned.inputs - set(node.parents))
        fewer = len(set(node.parents) - planned.inputs)
        reasons.append(
            Reason(Status.STALE, f"inputs: here {more} more jobs and {fewer} of its own not")
        )
    return reasons


def _inputs(node: Node, graph: Graph) -> list[Reason]:
    """Return which inputs of a job have other content than when it was made, or are gone."""
    reasons = []
    for source in node.sources:
        if source.found is None:
            text = f"{source.name} is gone (it was {short(source.recorded)})"
            reasons.append(Reason(Status.MISSING, text))
        elif not source.same:
            text = f"input: {source.name} is {short(source.found)}, was {short(source.recorded)}"
            reasons.append(Reason(Status.STALE, text))
    for path in node.parents:
        parent = graph.nodes[path]
        if parent.found and parent.recorded[node.path] != parent.found:
            text = f"input: {path} is {short(parent.found)}"
            text += f", was {short(parent.recorded[node.path])}"
            reasons.append(Reason(Status.STALE, text))
    return reasons


class Origin:
    """The commits and the lock of the checkout at `root`."""

    def __init__(self, root: Path, graph: Graph) -> None:
        self.lock = locked_versions(root / "requirements.txt")
        sources = [node.manifest["source"] for node in graph.nodes.values() if node.manifest]
        commits = {str(source["commit"]) for source in sources if source.get("commit")}
        self.unknown = _unknown_commits(root, commits)

    def foreign(self, node: Node) -> list[Reason]:
        """Return in what the job was made by something that this checkout is not."""
        if node.manifest is None:
            return []
        reasons = []
        source = node.manifest["source"]
        if source.get("dirty"):
            text = f"made with uncommitted changes on top of commit {short(source.get('commit'))}"
            reasons.append(Reason(Status.FOREIGN, f"{text}: no commit holds its code"))
        if source.get("commit") in self.unknown:
            text = f"made by commit {short(source['commit'])}, which this checkout does not have"
            reasons.append(Reason(Status.FOREIGN, text))
        for name, version in sorted(node.manifest["environment"].items()):
            locked = self.lock.get(name, set())
            if locked and str(version).partition("+")[0] not in locked:
                text = f"made with {name} {version}, the lock has {' or '.join(sorted(locked))}"
                reasons.append(Reason(Status.FOREIGN, text))
        return reasons


def locked_versions(path: Path) -> dict[str, set[str]]:
    """Return the versions of each package in a lock file; none where there is no file.

    A package may have several, for different versions of Python.
    """
    found: dict[str, set[str]] = {}
    text = path.read_text() if path.is_file() else ""
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE):
        found.setdefault(name.lower(), set()).add(version.partition("+")[0])
    return found


def _unknown_commits(root: Path, commits: Iterable[str]) -> set[str]:
    """Return the commits that the repository at `root` lacks; none where it isn't one."""
    asked = sorted(commits)
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), "cat-file", "--batch-check"],
            input="".join(f"{commit}^{{commit}}\n" for commit in asked),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return set()
    return {commit for commit, line in zip(asked, answer, strict=True) if line.endswith("missing")}
