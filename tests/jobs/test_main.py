"""`python -m lth_core.jobs`: one job from the command line, done by the code that was planned."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lth_core.errors import Failure
from lth_core.files import sha256_file
from lth_core.jobs import run as runner
from lth_core.jobs.kind import code_of
from lth_core.provenance import context, manifest
from lth_core.provenance.fingerprint import bytes_digest


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


def do(
    job: dict[str, Any], code: str, folder: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    path = folder / "job.json"
    path.write_text(json.dumps(job))
    call = [sys.executable, "-m", "lth_core.jobs", "summary", "--job", str(path)]
    return subprocess.run(
        [*call, "--code", code, "--out", str(folder / "out"), *options],
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


def test_the_planned_bytes_stand_for_the_planned_code(job: dict[str, Any], tmp_path: Path) -> None:
    """Working a fingerprint out takes longer than many a job needs to begin."""
    done = do(job, "0123456789abcdef", tmp_path, "--bytes", bytes_digest())
    assert done.returncode == 0, done.stderr
    assert manifest.read(tmp_path / "out/manifest.json")["code"] == "0123456789abcdef"


def test_other_bytes_are_judged_by_what_they_compute(job: dict[str, Any], tmp_path: Path) -> None:
    other = ("--bytes", "of other bytes")
    assert do(job, "0123456789abcdef", tmp_path, *other).returncode != 0
    done = do(job, code_of("summary", job), tmp_path, *other)
    assert done.returncode == 0, done.stderr


def test_what_makes_it_is_known_before_anything_is_computed(
    job: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hours of training must not be lost for a line of its context."""

    def fail(*_: object) -> None:
        raise Failure("nobody knows")

    monkeypatch.setattr(runner, "source_of", fail)
    with pytest.raises(Failure, match="nobody knows"):
        runner.run("summary", job, code_of("summary", job), tmp_path / "out")
    assert not (tmp_path / "out").exists()


TRAINING = """
import sys
from pathlib import Path
import numpy as np
import lth_core.jobs.__main__, lth_core.jobs.train, lth_core.training.sparse.engine
from lth_core.arms import source_module, sources
from lth_core.training.metrics import metrics_table, write_metrics
from lth_core.training.record import Record, TrainAccuracy
for factor in ("masks", "weights"):
    for source in sources(factor):
        source_module(factor, source)
train = [[TrainAccuracy(100, 0.5, 0.9)]]
table = metrics_table(Record.empty(100, 10, 1), train, [(0, 0)], 0, 9, [9])
write_metrics(table, Path(sys.argv[1]))
print(*sys.modules)
"""


def test_a_training_job_needs_no_heavy_library(tmp_path: Path) -> None:
    """The sparse engine trains a ticket in seconds: torch takes as long to import."""
    command = [sys.executable, "-c", TRAINING, str(tmp_path / "metrics.parquet")]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    heavy = {"pandas", "torch", "pyarrow.pandas_compat", "scipy", "matplotlib", "snakemake", "yaml"}
    assert not heavy & set(done.stdout.split())


def test_a_broken_input_is_said_and_set_aside(job: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "run/metrics.parquet").write_bytes(b"cut off")
    done = do(job, code_of("summary", job), tmp_path)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert "metrics.parquet is not what its manifest says" in done.stderr
    assert (tmp_path / "run.broken/metrics.parquet").exists() and not (tmp_path / "out").exists()


@pytest.mark.parametrize("value", ["abc", "nan", "-1", "inf", ""])
def test_a_variable_that_makes_no_sense_is_named(
    job: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("LTH_SAVE_SECONDS", value)
    done = do(job, code_of("summary", job), tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("error: LTH_SAVE_SECONDS is ")
    assert not (tmp_path / "out").exists()
