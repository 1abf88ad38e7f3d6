"""`snakemake --cores 8 --profile slurm` on a real SLURM: a figure, from nothing."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

ROOT = Path(__file__).resolve().parents[2]
PROFILE = ROOT / "slurm" / "profile.yaml"


@pytest.mark.slow
def test_a_figure_is_built_through_slurm(
    fresh: "Project",
    unbuilt: "Project",
    submit: Callable[..., "subprocess.Popen[str]"],
    tmp_path: Path,
) -> None:
    process = submit("fig91")
    output, _ = process.communicate(timeout=400)
    assert process.returncode == 0, output
    # A trial's rounds are one submission: two of net_imp, one of net_reinit; then two tables
    # and the figure.
    assert output.count("has been submitted with SLURM jobid") == 6, output
    assert fresh.stale("fig91") == set()
    subprocess.run(["cp", "-a", f"{unbuilt.folder}/.", str(tmp_path / "local")], check=True)
    local = type(fresh)(tmp_path / "local")
    local.run("fig91")
    assert fresh.files() == local.files()
