"""From the files of jobs to the tables of an experiment."""

import json
from typing import Any

import pandas as pd
import pytest

from lth_core.files import sha256_file
from lth_core.provenance import manifest
from lth_core.tables.build import build, parse_rounds


def write_job(folder, rounds, trials, replicates):
    """A job's metrics.parquet and manifest.json: three iterations of every run."""
    rows = [
        dict(round=number, trial=trial, replicate=replicate, weights=100)
        | dict(weights_remaining=100 - number, iteration=iteration, split=split)
        | dict(loss=1 / (1 + iteration), accuracy=0.5 + 0.01 * trial)
        for number in rounds
        for trial in trials
        for replicate in replicates
        for split in ("validation", "test", "train")
        for iteration in (0, 100, 200)
    ]
    folder.mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(folder / "metrics.parquet")
    (folder / "manifest.json").write_text(json.dumps({"of": str(folder.name)}))
    return folder / "metrics.parquet"


@pytest.fixture
def jobs(tmp_path):
    """Two jobs that hold more than the experiment asks for."""
    return [
        write_job(tmp_path / "a", rounds=(0, 1, 2), trials=(0, 1), replicates=(0, 1)),
        write_job(tmp_path / "b", rounds=(0, 1, 2), trials=(2, 3), replicates=(0, 1)),
    ]


def build_tables(jobs, out, **changes):
    settings: dict[str, Any] = dict(rounds="0-1", trials=3, replicates=1) | changes
    build("lenet_imp", jobs, code="c", out_folder=out, **settings)


def test_only_the_runs_of_the_experiment_are_kept(jobs, tmp_path):
    build_tables(jobs, tmp_path / "out")
    summary = pd.read_parquet(tmp_path / "out/summary.parquet")
    runs = list(summary[["round", "trial", "replicate"]].itertuples(index=False, name=None))
    assert runs == [(r, t, 0) for r in (0, 1) for t in (0, 1, 2)]
    curves = pd.read_parquet(tmp_path / "out/curves.parquet")
    assert len(curves) == len(runs) * 2 * 3


def test_a_missing_run_is_an_error_and_leaves_no_manifest(jobs, tmp_path):
    build_tables(jobs, tmp_path / "out")
    with pytest.raises(ValueError, match=r"lenet_imp.*6 runs.*missing: \(3, 0, 0\)"):
        build_tables(jobs, tmp_path / "out", rounds="0-1,3-4")
    assert not (tmp_path / "out/manifest.json").exists()


def test_the_manifest_names_jobs_and_files(jobs, tmp_path):
    build_tables(jobs, tmp_path / "out")
    written = manifest.read(tmp_path / "out/manifest.json")
    assert set(written["inputs"]) == {str(job.parent / "manifest.json") for job in jobs}
    for name, digest in written["outputs"].items():
        assert sha256_file(tmp_path / "out" / name) == digest
    assert set(written["outputs"]) == {"summary.parquet", "curves.parquet"}


def test_the_same_runs_give_the_same_bytes(jobs, tmp_path):
    build_tables(jobs, tmp_path / "one")
    build_tables(jobs, tmp_path / "two")
    for name in ("summary.parquet", "curves.parquet", "manifest.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_rounds():
    assert parse_rounds("0,4,8-10") == [0, 4, 8, 9, 10]
