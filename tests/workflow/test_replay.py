"""`lth audit --replay`: jobs that the pipeline ran come out again, or it is said why not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.files import sha256_file
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.provenance import manifest
from lth_core.training.defaults import completed
from lth_core.training.engines import CompilerMissing
from lth_core.training.registry import ENGINES

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

FIGURE = "results/tiny/figures/fig91.png"
RUNS = "results/tiny/runs/net_imp"
RUN = f"{RUNS}/round_01/trial_0"
PARENT = f"{RUNS}/round_00/trial_0"


@pytest.fixture(autouse=True)
def _here(project: "Project", monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a copy of the built project."""
    monkeypatch.chdir(project.folder)


def replayed(file: str, number: int, *options: str) -> tuple[int, dict[str, Any]]:
    """Return the exit status, and what came of each job by its folder."""
    result = CliRunner().invoke(app, ["audit", file, "--replay", str(number), "--json", *options])
    return result.exit_code, jobs(result.output)


def jobs(output: str) -> dict[str, Any]:
    replay = json.loads(output)["replay"]
    return {job["manifest"].removesuffix("/manifest.json"): job for job in replay["jobs"]}


def forge(name: str) -> None:
    """Make a manifest vouch for its files as they are, and all above it for that manifest."""
    content = manifest.read(Path(name))
    folder = Path(name).parent
    if content["kind"] == "train":
        content["outputs"] = {file: sha256_file(folder / file) for file in content["outputs"]}
    digest = manifest.write(Path(name), content)
    for path in Path("results").rglob("*manifest.json"):
        above = manifest.read(path)
        if name in above["inputs"]:
            above["inputs"][name] = digest
            manifest.write(path, above)
            forge(str(path))


def test_jobs_come_out_bit_for_bit_and_results_stay(project: "Project") -> None:
    before = project.files()
    _, found = replayed(FIGURE, 4)
    assert {job["outcome"] for job in found.values()} == {"identical"}
    assert len(found) == 4
    assert project.files() == before
    text = CliRunner().invoke(app, ["audit", FIGURE, "--replay", "1", "--seed", "3"]).output
    assert "Replaying 1 of 10 training jobs and tables, drawn by seed 3" in text
    assert text.splitlines()[-1] == "Replayed: 1 identical."


def test_a_changed_line_of_the_training_code_is_caught(project: "Project") -> None:
    project.edit(
        "lth_core/training/order.py",
        "return order[: self._used].astype",
        "return order[: self._used][::-1].astype",
    )
    command = [sys.executable, "-c", "from lth_core.cli import app; app()"]
    result = subprocess.run(
        [*command, "audit", PARENT, "--replay", "1", "--json"],
        env={**os.environ, "PYTHONPATH": str(project.folder)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2, result.stderr
    found = jobs(result.stdout)[PARENT]
    assert found["outcome"] == "differs"
    assert found["files"] == ["metrics.parquet", "weights.safetensors"]
    assert found["environment"] == []
    assert found["code"]["recorded"] != found["code"]["here"]


def test_a_perfect_forgery_is_caught(project: "Project") -> None:
    rows = pd.read_parquet(f"{RUN}/metrics.parquet")
    rows["accuracy"] = (rows["accuracy"] + 0.03).clip(upper=1)
    rows.to_parquet(f"{RUN}/metrics.parquet")
    forge(f"{RUN}/manifest.json")
    assert CliRunner().invoke(app, ["audit", RUN]).exit_code < 2  # nothing contradicts it
    code, found = replayed(RUN, 2)
    assert code == 2
    assert (found[PARENT]["outcome"], found[RUN]["outcome"]) == ("identical", "differs")
    assert any("accuracy at the end" in text for text in found[RUN]["texts"])


def test_another_engine_agrees_within_the_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is made where no compiler works: there the job falls back to torch."""

    def missing(*arguments: object) -> None:
        raise CompilerMissing("none here")

    settings = manifest.read(Path(RUN, "manifest.json"))["settings"]
    with monkeypatch.context() as patched, pytest.warns(UserWarning, match="using torch"):
        patched.setattr(".".join(ENGINES["sparse"]), missing)
        run("train", settings, code_of("train", settings), Path(RUN))
    code, found = replayed(RUN, 2)
    assert (found[PARENT]["outcome"], found[RUN]["outcome"]) == ("identical", "agrees")
    assert ["engine", "torch", "sparse"] in found[RUN]["environment"]
    assert "within 4 standard errors of 5,000 examples" in found[RUN]["texts"][0]
    assert code < 2


def test_what_was_deleted_cannot_be_replayed() -> None:
    Path(PARENT, "weights.safetensors").unlink()
    result = CliRunner().invoke(app, ["audit", RUN, "--replay", "5"])
    assert (
        f"1 cannot be replayed, for example {RUN}/manifest.json: {PARENT}/weights" in result.output
    )
    assert f"identical {PARENT}: bit for bit" in result.output


def test_histograms_come_out_again() -> None:
    settings = completed(manifest.read(Path(RUN, "manifest.json"))["settings"])
    folders = {str(n): [f"{RUNS}/round_0{n}/trial_{t}" for t in (0, 1)] for n in (0, 1)}
    files = ["weights.safetensors", "masks.safetensors"]
    job = {
        **{key: settings[key] for key in ("network", "initialisation", "seed")},
        "experiment": "net_imp",
        "trials": 2,
        "folders": folders,
        "reads": {f"{one}/manifest.json": files for both in folders.values() for one in both},
    }
    out = Path("results/tiny/distributions/net_imp")
    run("distributions", job, code_of("distributions", job), out)
    _, found = replayed(str(out), 100)
    assert found[str(out)]["outcome"] == "identical"
    assert len(found) == 5
