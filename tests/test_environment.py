"""The one list of requirements and its three other faces agree.

conda itself is not exercised: its channels are not reachable from everywhere the tests run.
"""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.txt").read_text()


def direct() -> list[Requirement]:
    lines = (ROOT / "requirements.in").read_text().splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def pins(lines: list[str]) -> dict[str, str]:
    found = [re.match(r"([\w.-]+)==([^\s;]+)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


LOCKED = pins(LOCK.splitlines())


@pytest.mark.parametrize("requirement", direct(), ids=lambda requirement: requirement.name)
def test_every_direct_requirement_is_locked_at_one_version(requirement: Requirement) -> None:
    assert LOCK.count(f"\n{requirement.name}==") == 1
    assert requirement.specifier.contains(LOCKED[requirement.name])


def test_conda_environment_has_the_locked_versions() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    by_pip = environment["dependencies"][-1]["pip"]
    assert pins(by_pip) == {needed.name: LOCKED[needed.name] for needed in direct()}


def test_package_declares_the_same_list() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.in"]}


def test_every_locked_package_has_a_hash() -> None:
    blocks = re.split(r"\n(?=\S)", LOCK)
    packages = [block for block in blocks if "==" in block.splitlines()[0]]
    assert len(packages) >= len(LOCKED) > 50
    for block in packages:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block.splitlines()[0]


def test_lock_holds_no_address_or_path() -> None:
    assert "/" not in LOCK
    assert not re.search(r"^\s*(-e|-f|-i|--(?!hash=))", LOCK, re.MULTILINE)
