"""Queries git about one folder only, whatever git variables the caller has set."""

import os
import subprocess
from functools import cache
from pathlib import Path

from lth_core.errors import Failure

# By these a hook of git, say, makes every git that it starts look at another repository.
_ELSEWHERE = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX"),
)


class NoAnswer(Failure):
    """Git says nothing about a folder; the message is git's reason."""


def git(root: Path, *arguments: str, given: str = "") -> str:
    """Return what git says of the repository whose top level is `root`; `given` is its stdin.

    Raises NoAnswer where git is not installed, does not know this very folder, or fails.
    """
    _check_top_level(root)
    return _run(root, *arguments, given=given)


@cache  # an answer that holds for the process; where it is no, it is asked again
def _check_top_level(root: Path) -> None:
    top = _run(root, "rev-parse", "--show-toplevel").rstrip("\n")
    if Path(top).resolve() != root.resolve():
        raise NoAnswer("this folder is no repository of its own")


def _run(root: Path, *arguments: str, given: str = "") -> str:
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            input=given,
            env={**environment, "LC_ALL": "C"},
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
        )
    except FileNotFoundError:
        raise NoAnswer("git is not installed") from None
    if done.returncode:
        said = [line.removeprefix("fatal: ") for line in done.stderr.splitlines() if line.strip()]
        raise NoAnswer(said[0] if said else "git failed")
    return done.stdout
