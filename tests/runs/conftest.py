"""Plans of a copy of config/ in which a test changes one thing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lth_core.config.load import load
from lth_core.runs.plan import Plan
from tests.projects import plan_at

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="session")
def paper() -> Plan:
    """The plan of the paper as published."""
    return plan_at("paper")


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Plan]:
    """A function that returns the plan of the paper after one edit, and with other settings."""

    def plan(file: str = "", old: str = "", new: str = "", **settings: object) -> Plan:
        copy = shutil.copytree(CONFIG, tmp_path / "config", ignore=shutil.ignore_patterns("paper"))
        if file:
            text = (copy / file).read_text()
            assert old in text, f"{old!r} is not in {file}"
            (copy / file).write_text(text.replace(old, new, 1))
        return Plan(load(copy, {"scale": "paper", **settings}))

    return plan
