"""Any legal path, any user's settings: checkouts, results and data lie anywhere, whoever calls."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

MANIFEST = "results/tiny/runs/net_imp/round_00/trial_0/manifest.json"
DATA = "results/data/mnist.safetensors"
UGLY = 'it\'s {a} "$HOME"; é'


@pytest.fixture
def ugly(unbuilt: "Project", tmp_path: Path) -> "Project":
    """A copy of the project, of which nothing has been run, at a path that needs quoting."""
    return unbuilt.copy_to(tmp_path / UGLY / "lth")


def test_paths_that_need_quoting(ugly: "Project", tmp_path: Path) -> None:
    target = tmp_path / UGLY / "scratch" / "results"
    target.parent.mkdir()
    ugly.path("results").rename(target)
    ugly.path("results").symlink_to(target)
    ugly.run(MANIFEST)
    assert (target.parent / MANIFEST).is_file()
    assert ugly.stale(MANIFEST) == set()


def test_a_data_root_that_needs_quoting_is_named_in_one_line(ugly: "Project") -> None:
    """And reaches no shell."""
    for path in ugly.path("results/data").iterdir():
        path.unlink()
    root = "my sets'; touch pwned; $(touch pwned) {x}"
    output = ugly.run("--config", f"data_root={root}", "--", DATA, fails=True)
    [line] = [line for line in output.splitlines() if line.startswith("error: ")]
    assert line.startswith(f"error: mnist: not from disk: {root}: no such folder. data_root in")
    assert not ugly.path("pwned").exists() and not ugly.path(DATA).exists()


def test_a_users_variables_of_python_reach_no_job(project: "Project", tmp_path: Path) -> None:
    figures = project.files("results/tiny/figures")
    for name in figures:
        if "fig91" in name:
            project.path(name).unlink()
    other = tmp_path / "other" / "matplotlib.py"
    other.parent.mkdir()
    other.write_text("raise SystemExit('another matplotlib')\n", encoding="utf-8")
    path = f"{project.folder}{os.pathsep}{other.parent}"
    process = project.start(
        "fig91", PYTHONPATH=path, PYTHONSAFEPATH="1", PYTHONIOENCODING="ascii", LC_ALL="C"
    )
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert project.files("results/tiny/figures") == figures


def test_no_home_and_a_user_without_a_name(fresh: "Project", tmp_path: Path) -> None:
    (tmp_path / "home").touch()  # no folder can be made there
    process = fresh.start(
        "--dry-run", MANIFEST, HOME=str(tmp_path / "home"), XDG_CACHE_HOME=str(tmp_path / "home")
    )
    output, _ = process.communicate()
    assert process.returncode == 0, output


@pytest.mark.parametrize("folder", ["results", "logs"])
def test_a_folder_that_cannot_be_written_to(fresh: "Project", folder: str) -> None:
    shutil.rmtree(fresh.path(folder), ignore_errors=True)
    fresh.path(folder).symlink_to("/not/there")
    output = fresh.run(MANIFEST, fails=True)
    reason = "it is a link to /not/there, which is no folder. Nothing was run"
    last = output.splitlines()[-1]
    assert last.startswith(f"Error: {fresh.path(folder)}/ cannot be written to: {reason}")


@pytest.mark.slow
@pytest.mark.long
def test_results_that_two_checkouts_share_have_one_writer(
    fresh: "Project", unbuilt: "Project", tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = unbuilt.copy_to(tmp_path_factory.mktemp("other"))
    shutil.rmtree(other.path("results"))
    other.path("results").symlink_to(fresh.path("results"))
    lock = fresh.path("results/.lock")
    holder = subprocess.Popen(
        ["flock", str(lock), "sh", "-c", f"echo somebody > '{lock}'; echo ready; read end"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert holder.stdout and holder.stdout.readline() == "ready\n"
    refusal = "Error: Another snakemake is working on these results (somebody"
    for project in (fresh, other):
        assert refusal in project.run(MANIFEST, fails=True)
        assert "Training net_imp" in project.run("--dry-run", "--", MANIFEST)
    holder.communicate("end\n")
    other.run(MANIFEST)
    assert fresh.stale(MANIFEST) == set()


@pytest.fixture
def read_only(built: "Project", tmp_path: Path) -> Iterator["Project"]:
    """A project that nobody can write to."""
    project = built.copy_to(tmp_path)
    shutil.rmtree(project.path(".snakemake"))
    folder = str(project.folder)
    commands = [["mount", "--bind", folder, folder]]
    commands += [["mount", "-o", "remount,bind,ro", folder]]
    if not shutil.which("mount") or subprocess.run(commands[0], capture_output=True).returncode:
        pytest.skip("this user may not mount a folder")
    try:
        subprocess.run(commands[1], check=True)
        yield project
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
@pytest.mark.long
def test_a_read_only_checkout_can_be_looked_at(read_only: "Project") -> None:
    assert read_only.stale("fig91") == set()
    assert "results/tiny/figures/fig91.png" in read_only.run("--summary", "--", "fig91")
    read_only.run("--rulegraph", "--", "fig91")
    last = read_only.run("fig91", fails=True).splitlines()[-1]
    assert last.startswith(f"Error: {read_only.path('.snakemake')}/ cannot be written to: ")
