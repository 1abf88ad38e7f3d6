"""`python -m lth_core.jobs`: one job from the command line, done by the code that was planned."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lth_core.files import sha256_file
from lth_core.jobs.kind import code_of
from lth_core.provenance import context, manifest


@pytest.fixture
def job(tmp_path: Path) -> dict[str, Any]:
    """A job that sums up one run."""
    rows = [
        {"round": 0, "trial": 0, "replicate": 0, "weights": 9, "weights_remaining": 9}
        | {"iteration": 0, "split": split, "loss": 1.0, "accuracy": 0.5}
        for split in ("validation", "test", "train")
    ]
    metrics = tmp_path / "run" / "metrics.parquet"
    metrics.parent.mkdir()
    pd.DataFrame(rows).to_parquet(metrics)
    content = manifest.build("train", {}, "code", {}, {metrics.name: sha256_file(metrics)})
    manifest.write(metrics.with_name("manifest.json"), content)
    settings = {"experiment": "net", "rounds": "0-0", "trials": 1, "replicates": 1}
    return {**settings, "reads": {str(metrics.with_name("manifest.json")): [metrics.name]}}


def do(job: dict[str, Any], code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "job.json"
    path.write_text(json.dumps(job))
    call = [sys.executable, "-m", "lth_core.jobs", "summary", "--job", str(path)]
    return subprocess.run(
        [*call, "--code", code, "--out", str(folder / "out")],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_job_leaves_its_files_manifest_and_context(job: dict[str, Any], tmp_path: Path) -> None:
    done = do(job, code_of("summary", job), tmp_path)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    names = {"summary.parquet", "curves.parquet", "manifest.json", "context.json"}
    assert {path.name for path in out.iterdir()} == names
    written = manifest.read(out / "manifest.json")
    assert (written["kind"], written["settings"]) == ("summary", job)
    found = context.read(out / "manifest.json")
    assert found and found["manifest"] == sha256_file(out / "manifest.json")
    assert {"python", "pandas"} <= set(found["environment"])


def test_other_code_than_was_planned_does_nothing(job: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.json").write_text("as it was")
    done = do(job, "0123456789abcdef", tmp_path)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert done.stderr.startswith("error: the code of `summary` has changed since")
    assert [path.name for path in out.iterdir()] == ["manifest.json"]
    assert (out / "manifest.json").read_text() == "as it was"


def test_a_broken_input_is_said_and_set_aside(job: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "run/metrics.parquet").write_bytes(b"cut off")
    done = do(job, code_of("summary", job), tmp_path)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert "metrics.parquet is not what its manifest says" in done.stderr
    assert (tmp_path / "run.broken/metrics.parquet").exists() and not (tmp_path / "out").exists()
