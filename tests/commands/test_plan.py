"""The command `lth plan`."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.provenance import manifest
from lth_core.runs.behind import jobs_behind
from tests.projects import plan_at

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that consists of a copy of config/; the current folder."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cells(output: str, name: str) -> list[str]:
    """Return the cells of the line `name` of the table."""
    [line] = [line for line in output.splitlines() if line.startswith(f"│ {name} ")]
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_plan_of_a_figure(folder: Path) -> None:
    done = folder / "results/paper/runs/lenet_imp/round_00/trial_3/manifest.json"
    done.parent.mkdir(parents=True)
    done.touch()
    result = CliRunner().invoke(app, ["plan", "fig04", "--scale", "paper", "--cores", "2"])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("fig04 at scale paper")
    # Where stderr is no terminal, one line says that it works.
    assert result.stderr.startswith("Measuring 1 setup of network and training, a few seconds")
    # The numbers of config/paper/compute.csv, a job trains the three replicates of a trial.
    row = cells(result.output, "lenet_imp_reinit")
    assert row[1:7] == ["140", "0", "420", "420", "21,000,000", "2.01e+15"]
    assert cells(result.output, "lenet_imp")[1:3] == ["145", "1"]
    assert cells(result.output, "in all")[3] == "1,350"
    assert "on 2 cores" in result.output


def test_plan_sees_what_is_finished_in_another_packing(folder: Path) -> None:
    """As Snakemake does: a finished run keeps its folder when `trials_per_job` changes."""
    before = plan_at("quick")
    for job in jobs_behind(before, before.runs("lenet_imp", [0])):
        content = manifest.build("train", before.specification(job), "1", {}, {})
        manifest.write(folder / before.manifest(job), content)
    arguments = ["plan", "lenet_imp", "--scale", "quick", "--config", "trials_per_job=2"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert cells(result.output, "lenet_imp")[2] == "2"


@pytest.mark.parametrize("settings", [{}, {"lanes": [1]}, {"lanes": 3}, {"run": []}])
def test_plan_beside_a_run_whose_manifest_makes_no_sense(
    folder: Path, settings: dict[str, Any]
) -> None:
    path = folder / "results/smoke/runs/lenet_imp/round_00/trial_0/manifest.json"
    manifest.write(path, manifest.build("train", settings, "1", {}, {}))
    result = CliRunner().invoke(app, ["plan", "lenet_imp", "--scale", "smoke"])
    assert result.exit_code == 0, result.output
    assert int(cells(result.output, "lenet_imp")[1]) > 0


def test_plan_counts_packed_jobs(folder: Path) -> None:
    arguments = ["plan", "lenet_imp", "--scale", "smoke", "--config", "trials_per_job=5"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    row = cells(result.output, "lenet_imp")
    assert int(row[1]) <= int(row[3])


def test_plan_says_what_trains_and_why(folder: Path) -> None:
    experiments = folder / "config/experiments/own.yaml"
    experiments.write_text(
        "own:\n  description: Ours.\n  extends: lenet_imp\n  rounds: 1\n  sweep:\n"
        "    plain: {}\n    smooth: {training: {label_smoothing: 0.1}}\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(app, ["plan", "own_plain", "own_smooth", "--scale", "smoke"])
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "as the sparse one does not serve label smoothing: own_smooth." in said
    [sparse] = [line for line in result.output.splitlines() if line.startswith("Engine sparse: ")]
    assert "own_plain" in result.output and "own_smooth" not in sparse
    result = CliRunner().invoke(
        app, ["plan", "own_smooth", "--scale", "smoke", "--config", "engine=torch"]
    )
    assert "Engine torch: own_smooth." in result.output.splitlines()


def test_plan_of_nothing_known(folder: Path) -> None:
    result = CliRunner().invoke(app, ["plan", "lenett"])
    assert result.exit_code == 1
    assert "no figure, family or experiment is called 'lenett'" in result.output


def test_a_scale_that_is_not_known_is_the_options_fault(folder: Path) -> None:
    result = CliRunner().invoke(app, ["plan", "fig03", "--scale", "smal"])
    assert result.exit_code == 1
    assert result.output.startswith("--scale: no scale is called 'smal'; did you mean 'smoke'?")


@pytest.mark.parametrize(
    ("setting", "message"),
    [("engine", "'engine' is not KEY=VALUE"), ("engine=[", "'[' is not YAML")],
)
def test_a_setting_that_makes_no_sense(folder: Path, setting: str, message: str) -> None:
    result = CliRunner().invoke(app, ["plan", "--config", setting])
    assert result.exit_code == 2
    assert message in result.output


def test_a_figure_of_the_config_alone_needs_no_runs(folder: Path) -> None:
    result = CliRunner().invoke(app, ["plan", "fig02"])
    assert (result.exit_code, result.stdout) == (0, "fig02: no runs are needed.\n")
