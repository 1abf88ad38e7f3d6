"""By what a job was made, as its context says."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lth_core.audit.load import load_graph
from lth_core.audit.repository import Repository
from lth_core.audit.status import Status
from lth_core.files import sha256_file
from lth_core.provenance import context

Make = Callable[..., Path]
NODE = "results/tiny/runs/net/round_00/trial_0/manifest.json"


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    command = ["git", *who, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.strip()


@pytest.fixture
def top(make: Make) -> Path:
    """The summary of one run, in a repository with two commits."""
    path = make(rounds=1, trials=1)
    root = path.parents[4]
    git(root, "init", "--quiet")
    for number in range(2):
        git(root, "commit", "--quiet", "--allow-empty", "--message", str(number))
    return path


def reasons(root: Path) -> list[tuple[Status, str]]:
    graph = load_graph(root / NODE, root)
    return [tuple(reason) for reason in Repository(root, graph).foreign(graph.nodes[NODE])]


def record(root: Path, **source: object) -> None:
    context.write(root / NODE, sha256_file(root / NODE), {}, source)


def test_a_commit_that_is_here(top: Path) -> None:
    root = top.parents[4]
    record(root, commit=git(root, "rev-parse", "HEAD~1"), changed=[])
    assert reasons(root) == []


def test_a_commit_that_is_not_here(top: Path) -> None:
    root = top.parents[4]
    record(root, commit="0" * 40, changed=[])
    text = "made by commit 00000000, which this checkout does not have"
    assert reasons(root) == [(Status.FOREIGN, text)]


def test_a_history_that_is_cut_off(top: Path, tmp_path: Path) -> None:
    root, clone = top.parents[4], tmp_path / "clone"
    record(root, commit=git(root, "rev-parse", "HEAD~1"), changed=[])
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{root}", str(clone))
    (root / "results").rename(clone / "results")
    ((_, text),) = reasons(clone)
    assert text.endswith("does not have: its history is cut off; `git fetch --unshallow` gets it")


def test_changes_that_no_commit_holds(top: Path) -> None:
    root = top.parents[4]
    record(root, commit=git(root, "rev-parse", "HEAD"), changed=["a.py", "b.py", "c.py", "d.py"])
    text = "made with changes that no commit holds: a.py, b.py, c.py and 1 more"
    assert reasons(root) == [(Status.FOREIGN, text)]


def test_no_commit(top: Path) -> None:
    assert reasons(top.parents[4]) == [(Status.FOREIGN, "made by no commit that is known: no git")]


def test_versions_that_the_lock_does_not_name(top: Path) -> None:
    root = top.parents[4]
    record(root, commit=git(root, "rev-parse", "HEAD"), changed=[])
    (root / "requirements.txt").write_text("numpy==1.0.0 \\\n", encoding="utf-8")
    ((status, text),) = reasons(root)
    assert status == Status.FOREIGN
    assert text.endswith("the lock has 1.0.0")


def test_a_context_that_is_not_the_jobs(top: Path) -> None:
    root = top.parents[4]
    beside = context.context_path(root / NODE)
    record(root, commit=git(root, "rev-parse", "HEAD"), changed=[])
    beside.write_bytes(beside.read_bytes().replace(b'"manifest": "', b'"manifest": "0'))
    assert reasons(root) == [(Status.FOREIGN, "its context is of another manifest")]
    beside.unlink()
    assert reasons(root) == [(Status.MISSING, "its context is gone")]
