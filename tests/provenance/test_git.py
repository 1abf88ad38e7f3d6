"""Whose commit it is: that of this very folder, or none and git's reason."""

import subprocess
from pathlib import Path

import pytest

from lth_core.provenance.git import NoAnswer, git


def commit(folder: Path) -> str:
    """Make a folder a repository with a commit, and return that."""
    folder.mkdir(parents=True, exist_ok=True)
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    command = ["git", *who, "-C", str(folder)]
    subprocess.run([*command, "init", "--quiet"], check=True)
    options = ["commit", "--quiet", "--allow-empty", "--message", folder.name]
    subprocess.run([*command, *options], check=True)
    return head(folder)


def head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD").strip()


def test_a_repository_answers_for_its_top_level(tmp_path: Path) -> None:
    assert len(commit(tmp_path / "it's a {folder}")) == 40
    (tmp_path / "link").symlink_to(tmp_path / "it's a {folder}")
    assert head(tmp_path / "link") == head(tmp_path / "it's a {folder}")


def test_no_other_repository_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, outer = commit(tmp_path / "own"), commit(tmp_path / "outer")
    assert own != outer
    inner = tmp_path / "outer" / "release"
    inner.mkdir()
    with pytest.raises(NoAnswer, match="no repository of its own"):
        head(inner)
    # As in a hook of the other repository.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "outer" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "own"))
    assert head(tmp_path / "own") == own


def test_the_reason_is_gits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoAnswer, match="^not a git repository"):
        head(tmp_path)
    folder = tmp_path / "of another owner"
    commit(folder)
    with monkeypatch.context() as patch:
        patch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        with pytest.raises(NoAnswer, match=f"^detected dubious ownership in .*{folder}"):
            head(folder)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoAnswer, match="^git is not installed$"):
        head(folder)
