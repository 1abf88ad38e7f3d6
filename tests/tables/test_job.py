"""From the files of training jobs to the tables of an experiment."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lth_core.files import sha256_file
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.provenance import manifest


def write_job(folder: Path, trials: list[int]) -> str:
    """Leave metrics.parquet and manifest.json: three iterations of rounds 0-2, two replicates."""
    rows = [
        dict(round=number, trial=trial, replicate=replicate, weights=100)
        | dict(weights_remaining=100 - number, iteration=iteration, split=split)
        | dict(loss=1 / (1 + iteration), accuracy=0.5 + 0.01 * trial)
        for number in (0, 1, 2)
        for trial in trials
        for replicate in (0, 1)
        for split in ("validation", "test", "train")
        for iteration in (0, 100, 200)
    ]
    folder.mkdir(parents=True)
    file = folder / "metrics.parquet"
    pd.DataFrame(rows).to_parquet(file)
    content = manifest.build("train", {}, "code", {}, {file.name: sha256_file(file)})
    manifest.write(folder / "manifest.json", content)
    return str(folder / "manifest.json")


@pytest.fixture
def jobs(tmp_path: Path) -> list[str]:
    """The manifests of two jobs that hold more than the experiment asks for."""
    return [write_job(tmp_path / "a", [0, 1]), write_job(tmp_path / "b", [2, 3])]


def summarise(jobs: list[str], out: Path, **changes: Any) -> None:
    told = {"experiment": "lenet_imp", "rounds": "0-1", "trials": 3, "replicates": 1, **changes}
    told["reads"] = {job: ["metrics.parquet"] for job in jobs}
    run("summary", told, code_of("summary", told), out)


def test_only_the_runs_of_the_experiment_are_kept(jobs: list[str], tmp_path: Path) -> None:
    summarise(jobs, tmp_path / "out")
    summary = pd.read_parquet(tmp_path / "out/summary.parquet")
    runs = list(summary[["round", "trial", "replicate"]].itertuples(index=False, name=None))
    assert runs == [(r, t, 0) for r in (0, 1) for t in (0, 1, 2)]
    curves = pd.read_parquet(tmp_path / "out/curves.parquet")
    assert len(curves) == len(runs) * 2 * 3


def test_a_missing_run_is_an_error_and_leaves_no_manifest(jobs: list[str], tmp_path: Path) -> None:
    summarise(jobs, tmp_path / "out")
    with pytest.raises(ValueError, match=r"6 runs.*missing: \(3, 0, 0\)"):
        summarise(jobs, tmp_path / "out", rounds="0-4")
    assert not (tmp_path / "out/manifest.json").exists()


def test_the_manifest_names_jobs_and_files(jobs: list[str], tmp_path: Path) -> None:
    summarise(jobs, tmp_path / "out")
    written = manifest.read(tmp_path / "out/manifest.json")
    assert set(written["inputs"]) == set(jobs)
    for name, digest in written["outputs"].items():
        assert sha256_file(tmp_path / "out" / name) == digest
    assert set(written["outputs"]) == {"summary.parquet", "curves.parquet"}


def test_the_same_runs_give_the_same_bytes(jobs: list[str], tmp_path: Path) -> None:
    summarise(jobs, tmp_path / "one")
    summarise(jobs, tmp_path / "two")
    for name in ("summary.parquet", "curves.parquet", "manifest.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
