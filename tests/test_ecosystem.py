"""What other people's programs read: CI, container, catalog, citation."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lth_core import __version__
from lth_core.crate.codemeta import authors, codemeta

ROOT = Path(__file__).parents[1]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def jobs() -> dict[str, Any]:
    return yaml.safe_load(text(".github/workflows/tests.yml"))["jobs"]


@pytest.mark.parametrize("job", jobs())
def test_github_runs_the_commands_of_ci(job: str) -> None:
    """And the longest tests and the figures beyond the paper, too."""
    wanted = text(".ci/run").replace("\\\n    ", "").replace('"slow and not long"', "slow")
    wanted = wanted.replace('"${missing[@]}"', "slurm-wlm").replace('"${paper[@]}"', "gallery")
    commands = [step["run"] for step in jobs()[job]["steps"] if "run" in step]
    assert commands and all(command.replace("sudo ", "") in wanted for command in commands)


def test_github_runs_lint_tests_and_gallery() -> None:
    commands = [step.get("run", "") for job in jobs().values() for step in job["steps"]]
    assert "make test" in commands  # which lints first
    assert any(command.endswith("gallery") for command in commands)
    assert any("-m slow" in command for command in commands)


def test_the_catalog_has_what_it_asks_for() -> None:
    usage = yaml.safe_load(text(".snakemake-workflow-catalog.yml"))["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    conda = usage["software-stack-deployment"]["conda"]
    rules = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("rules/*.smk"))
    assert conda == bool(re.search(r"^ *conda:", rules, re.MULTILINE))
    assert usage["report"] == ("report(" in rules)


def test_codemeta_is_up_to_date() -> None:
    assert text("codemeta.json") == codemeta(ROOT), "run `lth docs`"


def test_groups_and_people_are_authors() -> None:
    cited = {"authors": [{"name": "A group"}, {"given-names": "Ada", "family-names": "Lovelace"}]}
    assert authors(cited) == [
        {"@type": "Organization", "name": "A group"},
        {"@type": "Person", "givenName": "Ada", "familyName": "Lovelace"},
    ]


def test_version_and_date_are_said_alike() -> None:
    citation = yaml.safe_load(text("CITATION.cff"))
    assert citation["version"] == __version__ == json.loads(text("codemeta.json"))["version"]
    assert f"## {__version__} ({citation['date-released']})" in text("CHANGELOG.md")


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, each with its arguments in one line."""
    lines = [line for line in text("Dockerfile").splitlines() if line and line[0] != "#"]
    joined = "\n".join(lines).replace("\\\n", "").splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in joined)]


def test_the_dockerfile_is_well_formed() -> None:
    names = [name for name, _ in instructions()]
    assert set(names) <= {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "CMD"}
    assert names[0] == "FROM" and names.count("CMD") == 1 and names[-1] == "CMD"
    [base] = [rest for name, rest in instructions() if name == "FROM"]
    assert re.fullmatch(r"python:3\.1[1-9]-slim-\w+", base), "a fixed version of Python"
    assert isinstance(json.loads(instructions()[-1][1]), list), "no shell between"


def test_the_dockerfile_copies_what_is_there_and_runs_what_make_knows() -> None:
    ignored = text(".dockerignore").split()
    for name, rest in instructions():
        if name == "COPY":
            *sources, _ = rest.split()
            assert all((ROOT / s).exists() and s not in ignored for s in sources), rest
        if "apt-get install" in rest:
            assert "--no-install-recommends" in rest and "rm -rf /var/lib/apt/lists" in rest
        for target in re.findall(r"\bmake (\w+)$", rest):
            assert f"\n{target}:" in text("Makefile")
    needed = re.findall(r"^\.venv/stamp: (.*)$", text("Makefile"), re.MULTILINE)[0].split()
    first = next(rest for name, rest in instructions() if name == "COPY")
    assert {*needed, "Makefile", "requirements.in"} <= {*first.split()}, "what `make env` reads"
