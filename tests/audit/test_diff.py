"""`lth diff` compares what two manifests say, and says so where files say something else."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.files import sha256_file

Make = Callable[..., Path]


def diff(*manifests: Path) -> Result:
    return CliRunner().invoke(app, ["diff", *map(str, manifests)])


def test_the_same_work_twice(make: Make) -> None:
    one, other = make("a"), make("b")
    result = diff(one, other)
    assert (result.exit_code, "The results are the same" in result.output) == (0, True)
    one.with_name("out.bin").unlink()
    assert diff(one, other).exit_code == 0, "what was deleted is still recorded"


@pytest.mark.parametrize("changed", ["a", "b"])
def test_a_file_that_is_not_what_its_manifest_says(make: Make, changed: str) -> None:
    tops = {name: make(name) for name in ("a", "b")}
    tops[changed].with_name("out.bin").write_bytes(b"changed")
    result = diff(*tops.values())
    assert result.exit_code == 2
    assert "By their manifests the results are the same." in result.output
    before = result.output.partition("NOT what its manifest says: out.bin is ")[0]
    assert before and ("  then: " in before) == (changed == "b")


@pytest.mark.parametrize("texts", [("", "{"), ("[]", '{"kind": "table"}'), ("same", "same")])
def test_manifests_that_cannot_be_read(tmp_path: Path, texts: tuple[str, str]) -> None:
    paths = [tmp_path / name / "manifest.json" for name in ("a", "b")]
    for path, text in zip(paths, texts, strict=True):
        path.parent.mkdir()
        path.write_text(text)
    result = diff(*paths)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{paths[0]} is no manifest, or damaged: nothing to compare\n"


def test_one_manifest_that_cannot_be_read(make: Make) -> None:
    one, other = make("a"), make("b")
    other.write_text("{}")
    assert diff(one, other).exit_code == diff(other, one).exit_code == 2


def test_a_manifest_that_makes_no_sense(make: Make) -> None:
    one, other = make("a"), make("b")
    content = json.loads(other.read_text())
    content["outputs"] = {"a.bin": 3, "b.bin": "x"}
    other.write_text(json.dumps(content))
    result = diff(one, other)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{one}, {other}: its manifests make no sense: TypeError")


def test_a_manifest_further_down_that_cannot_be_read(make: Make) -> None:
    one, other = make("a"), make("b")
    run = "results/tiny/runs/net/round_00/trial_0/manifest.json"
    (other.parents[4] / run).write_text("{}")
    content = json.loads(other.read_text())
    content["inputs"][run] = sha256_file(other.parents[4] / run)
    other.write_text(json.dumps(content))
    result = diff(one, other)
    assert result.exit_code == 0, "the tables are the same"
    assert f"First difference: {run}\n    the manifest {run} cannot be read" in result.output
