"""The project in config/ as it stands, and the plan of its runs: made once a process."""

from functools import cache
from pathlib import Path

from lth_core.config.load import Project, load
from lth_core.runs.plan import Plan

CONFIG = Path(__file__).parents[1] / "config"


@cache
def project_at(scale: str) -> Project:
    """Return the project at a scale."""
    return load(CONFIG, {"scale": scale})


@cache
def plan_at(scale: str) -> Plan:
    """Return the plan of all its runs, of which none is finished."""
    return Plan(project_at(scale))
