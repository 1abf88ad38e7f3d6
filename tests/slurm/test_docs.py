"""The commands of docs/cluster.md are accepted, and plan the figures; here as dry-runs."""

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cluster.md").read_text()


def commands() -> list[str]:
    """Return the page's different calls of snakemake for all figures."""
    [pod] = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
    [container] = pod["spec"]["template"]["spec"]["containers"]
    typed = re.findall(r"^snakemake .*?all_figures", PAGE, re.MULTILINE)
    return sorted({*typed, shlex.join(container["command"])})


def test_the_page_has_the_one_command_of_the_card() -> None:
    assert "snakemake --cores 8 --profile slurm all_figures" in commands()
    assert len(commands()) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("command", commands())
def test_a_command_plans_the_figures(fresh: "Project", command: str) -> None:
    _, *arguments = shlex.split(command)
    planned = fresh.run("-n", *[a for a in arguments if a not in ("-n", "--quiet", "all")])
    assert "Drawing fig91" in planned and "Drawing fig92" in planned
