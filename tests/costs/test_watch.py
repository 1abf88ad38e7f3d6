"""How far training has got, told from files."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.commands.watch import in_words
from lth_core.costs.jobs import PlannedJob, planned
from lth_core.costs.watch import Standing, standing
from lth_core.runs.behind import jobs_behind
from tests.projects import plan_at

ROOT = Path(__file__).parents[2]
NOW = 1_000_000.0


@pytest.fixture(scope="module")
def jobs() -> list[PlannedJob]:
    """The jobs of four rounds."""
    plan = plan_at("quick")
    return planned(plan, jobs_behind(plan, plan.runs("lenet_imp", range(4))))


def touch(path: Path, ago: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (NOW - ago, NOW - ago))


def test_work_is_counted_and_not_jobs(jobs: list[PlannedJob], tmp_path: Path) -> None:
    runs, logs = tmp_path / "runs", tmp_path / "logs"
    work = {job: 10.0 if number < 4 else 1.0 for number, job in enumerate(jobs)}
    found = standing(work, runs, logs, NOW)
    assert found == Standing(0, 0, len(jobs), 0.0, None)

    for job in jobs[:3]:
        touch(runs / job.folder / "manifest.json", 400)
    found = standing(work, runs, logs, NOW)
    assert found.done == 3 and found.share == pytest.approx(30 / sum(work.values()))

    for job in jobs:
        touch(runs / job.folder / "manifest.json", 300)
    found = standing(work, runs, logs, NOW)
    assert (found.running, found.waiting, found.share) == (0, 0, 1.0)


def test_the_rest_takes_as_long_as_the_last_jobs_did(
    jobs: list[PlannedJob], tmp_path: Path
) -> None:
    """As many at a time as now: what ended together, or when, says nothing about the pace."""
    runs, logs = tmp_path / "runs", tmp_path / "logs"
    work = dict.fromkeys(jobs, 10.0)
    for ago, job in zip((9000, 4, 4, 4), jobs, strict=False):
        touch(runs / job.folder / "manifest.json", ago)
        noted = logs / f"{job.folder}.jsonl"
        noted.parent.mkdir(parents=True, exist_ok=True)
        noted.write_text('{"s": 3600.0}\n')
    assert standing(work, runs, logs, NOW).seconds is None  # none runs
    for job in jobs[4:6]:
        touch(logs / f"{job.folder}.log", 10)
    found = standing(work, runs, logs, NOW)
    assert found.running == 2
    assert found.seconds == pytest.approx((len(jobs) - 4) * 3600 / 2)
    (logs / f"{jobs[3].folder}.jsonl").write_text("{")
    assert standing(work, runs, logs, NOW).seconds == pytest.approx(found.seconds)


def test_what_runs_has_begun_or_saved_itself_lately(jobs: list[PlannedJob], tmp_path: Path) -> None:
    runs, logs = tmp_path / "runs", tmp_path / "logs"
    begun, saved, killed, ended = jobs[:4]
    touch(logs / f"{begun.folder}.log", 10)
    touch(logs / f"{saved.folder}.log", 5000)
    touch(runs / saved.folder / "resume.safetensors", 20)
    touch(logs / f"{killed.folder}.log", 5000)
    touch(runs / killed.folder / "resume.safetensors", 4000)
    touch(logs / f"{ended.folder}.log", 5)
    touch(runs / ended.folder / "manifest.json", 5)
    found = standing(dict.fromkeys(jobs, 1.0), runs, logs, NOW)
    assert (found.done, found.running) == (1, 2)


def test_the_end_is_told_as_a_time() -> None:
    noon = datetime(2026, 3, 2, 12)
    assert in_words(Standing(1, 1, 2, 0.5, 7800.0), noon) == (
        "1 job done, 1 running, 2 waiting; finished about 14:10, in 2.2 h"
    )
    later = in_words(Standing(1, 1, 2, 0.5, 86_400.0), noon)
    assert later.endswith("finished about Tuesday 03 March, 12:00, in 24.0 h")
    assert in_words(Standing(4, 0, 0, 1.0, 0.0), noon) == "4 jobs done, 0 running, 0 waiting"


def test_watching_ends_when_all_is_trained(
    jobs: list[PlannedJob], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").symlink_to(ROOT / "config")
    monkeypatch.chdir(tmp_path)
    plan = plan_at("smoke")
    for job in jobs_behind(plan, plan.runs("lenet_imp")):
        touch(Path("results/smoke/runs") / job.folder / "manifest.json", 5)
    result = CliRunner().invoke(app, ["plan", "lenet_imp", "--scale", "smoke", "--watch"])
    assert result.exit_code == 0
    assert "100.0 % of lenet_imp at scale smoke: 2 jobs done, 0 running" in result.output
