"""Which uncommitted files a job used, also where config/ is being edited."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lth_core.provenance import source

RUN = "results/quick/runs/{}/round_00/trial_0/manifest.json"
FILES = {
    "config/scales/quick.yaml": "evaluate_every: 50\n",
    "config/experiments/net.yaml": "net: {dataset: mnist}\nmore: {extends: net}\n",
    "config/experiments/other.yaml": "other: {dataset: mnist}\n",
    "config/datasets/mnist.yaml": "validation: 5\n",
    "config/config.yaml": "engine: sparse\nscale: quick\n",
}
Changed = Callable[[str], list[str]]


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Changed:
    """Return a function that tells what a run of an experiment used that is not as committed.

    The current folder is a checkout with FILES committed.
    """
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "All"]):
        subprocess.run(["git", *who, "-C", str(tmp_path), *words], check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(source, "ROOT", tmp_path)

    def of(experiment: str) -> list[str]:
        job: dict[str, Any] = {"reads": {}}
        found = source.source_of("train", job, Path(RUN.format(experiment)))
        assert found["commit"]
        return list(found["changed"])

    return of


def test_of_the_settings_of_all_only_the_engine_counts(changed: Changed) -> None:
    Path("config/config.yaml").write_text("engine: sparse\nscale: paper\n")
    assert changed("net") == []
    Path("config/config.yaml").write_text("engine: torch\nscale: quick\n")
    assert changed("net") == ["config/config.yaml: engine"]


def test_a_data_set_that_is_prepared_elsewhere(changed: Changed, tmp_path: Path) -> None:
    Path("config/datasets/mnist.yaml").write_text("validation: 6\n")
    path = tmp_path / "elsewhere" / "results" / "data" / "mnist.manifest.json"
    found = source.source_of("dataset", {"reads": {}}, path)
    assert found["changed"] == ["config/datasets/mnist.yaml"]


def test_only_entries_behind_the_job_count(changed: Changed) -> None:
    path = Path("config/experiments/net.yaml")
    path.write_text("net: {dataset: mnist}\nmore: {extends: net, rounds: 3}\n")
    assert (changed("net"), changed("more"), changed("other")) == ([], [f"{path}: more"], [])


def test_so_they_do_for_a_job_in_another_folder(
    changed: Changed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("config/experiments/net.yaml")
    path.write_text("net: {dataset: mnist, rounds: 3}\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert changed("net") == [f"{path}: net"]


@pytest.mark.parametrize(
    "content", [b"new: {a\n", b"new: 3\n", b"\xff\n", b"other: {}\n", b"!!int x: 3\n"]
)
def test_an_experiment_that_is_being_written_stops_no_job(changed: Changed, content: bytes) -> None:
    """What of config/ differs is told, as nobody can know which entries do."""
    path = Path("config/experiments/new.yaml")
    path.write_bytes(content)
    assert changed("net") == [str(path)]
    assert changed("more") == [str(path)]


def test_so_does_what_the_job_came_from(changed: Changed) -> None:
    Path("config/experiments/net.yaml").write_text("net: {dataset: mnist\n")
    assert changed("net") == ["config/experiments/net.yaml"]
    Path("config/experiments/net.yaml").write_text("more: {extends: net}\n")
    assert changed("more") == ["config/experiments/net.yaml"]


def test_files_that_are_gone_or_no_files(changed: Changed) -> None:
    Path("config/datasets/mnist.yaml").unlink()
    Path("config/scales/quick.yaml").unlink()
    Path("config/scales/quick.yaml").mkdir()
    gone = ["config/datasets/mnist.yaml", "config/scales/quick.yaml"]
    assert changed("net") == gone
