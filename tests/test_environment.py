"""The one list of requirements and its three other faces agree.

conda itself is not exercised: its channels are not reachable from everywhere the tests run.
"""

import os
import re
import shutil
import subprocess
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


def make(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", "--silent", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


HARMFUL = {
    **{"PIP_USER": "1", "PIP_TARGET": "/t", "PIP_PREFIX": "/p", "PIP_REQUIRE_VIRTUALENV": "1"},
    **{"PIP_NO_DEPS": "1", "PIP_CONSTRAINT": "c.txt", "PIP_NO_BINARY": ":all:"},
    **{"UV_SYSTEM_PYTHON": "1", "UV_PYTHON": "3.9", "UV_PROJECT_ENVIRONMENT": "/e"},
    **{"UV_CONSTRAINT": "c.txt", "UV_TORCH_BACKEND": "cpu", "VIRTUAL_ENV": "/v"},
    **{"PYTHONPATH": "/x", "PYTHONHOME": "/h", "PYTHONWARNINGS": "error"},
}
NEEDED = {
    **{"PIP_INDEX_URL": "u", "PIP_EXTRA_INDEX_URL": "u", "PIP_FIND_LINKS": "u", "PIP_CERT": "c"},
    **{"PIP_CONFIG_FILE": "f", "PIP_TRUSTED_HOST": "h", "PIP_PROXY": "p", "PIP_CLIENT_CERT": "c"},
    **{
        "UV_INDEX_URL": "u",
        "UV_DEFAULT_INDEX": "u",
        "UV_INDEX": "u",
        "UV_INDEX_MINE_PASSWORD": "s",
    },
    **{"UV_EXTRA_INDEX_URL": "u", "UV_NATIVE_TLS": "1", "UV_CONFIG_FILE": "f", "UV_CACHE_DIR": "d"},
    **{"HTTP_PROXY": "p", "HTTPS_PROXY": "p", "NO_PROXY": "n", "SSL_CERT_FILE": "c"},
    **{"REQUESTS_CA_BUNDLE": "c", "SSL_CERT_DIR": "d"},
}


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_set_up_keeps_only_those_of_a_users_settings_that_reach_packages() -> None:
    shown = make("--eval", "show: ; @env", "show", **HARMFUL, **NEEDED).stdout
    found = dict(line.split("=", 1) for line in shown.splitlines())
    assert NEEDED.items() <= found.items()
    left = {name: found[name] for name in HARMFUL if name in found}
    assert left == {"PIP_USER": "0", "PIP_TARGET": "", "PIP_PREFIX": ""}


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_a_machine_without_the_command_which_is_told_so(tmp_path: Path) -> None:
    for command in ("sh", "make", "getconf"):
        path = shutil.which(command)
        assert path
        (tmp_path / command).symlink_to(path)
    done = make("--dry-run", "quickstart", PATH=str(tmp_path))
    assert done.returncode and "install the package 'which'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
