"""A copy of config/ in which a test changes one thing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

CONFIG = Path(__file__).parents[2] / "config"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of config/ (without the paper's curves, which no check reads)."""
    return shutil.copytree(CONFIG, tmp_path / "config", ignore=shutil.ignore_patterns("paper"))


@pytest.fixture
def edit(config: Path) -> Edit:
    """A function that puts `new` for the first `old` in a file of that copy."""

    def replace(file: str, old: str, new: str) -> None:
        text = (config / file).read_text()
        assert old in text, f"{old!r} is not in {file}"
        (config / file).write_text(text.replace(old, new, 1))

    return replace
