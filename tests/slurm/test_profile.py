"""What slurm/profile.yaml asks of sbatch for each rule, and a figure built from nothing."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from snakemake.iocontainers import Wildcards

from lth_core.costs.left import seconds_dense
from lth_core.costs.run import cost_of_run
from lth_core.runs.run import Run
from rules.cost import minutes_by_cost
from tests.projects import plan_at

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

ROOT = Path(__file__).resolve().parents[2]
PROFILE = (ROOT / "slurm" / "profile.yaml").read_text()
MANIFEST = "results/tiny/runs/net_imp/round_00/trial_0/manifest.json"


def rules() -> dict[str, str]:
    """Return the text of each rule that is submitted, by name."""
    text = "".join(path.read_text() for path in sorted((ROOT / "rules").glob("*.smk")))
    heading = r"^(?:(?:rule|checkpoint) (?=\w+:)|use rule \w+ as )(\w+)(?::| with:)\n"
    parts = re.split(heading, text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: rule for name, rule in found.items() if "localrule: True" not in rule}


@pytest.mark.parametrize("name", rules())
def test_memory_and_time_of_a_rule_grow_by_attempt(name: str) -> None:
    """In the profile, or by the rule itself: what a training job costs, it knows."""
    profile: dict[str, Any] = yaml.safe_load(PROFILE)
    for resource in ("mem_mb", "runtime"):
        asked = str(profile["set-resources"].get(name, {}).get(resource, ""))
        by_rule = re.search(rf"^        {resource}=", rules()[name], re.MULTILINE)
        assert ("attempt" in asked) != bool(by_rule)
        assert "attempt" in str(profile["default-resources"][resource])


def test_a_training_job_is_given_more_minutes_at_each_attempt() -> None:
    plan, place = plan_at("paper"), {"experiment": "conv2_imp", "round": "03", "lanes": "trial_1"}
    minutes_of, wildcards = minutes_by_cost(plan, "torch"), Wildcards(fromdict=place)
    first, second, third = (minutes_of(wildcards, attempt) for attempt in (1, 2, 3))
    cost = cost_of_run(plan.settings(Run("conv2_imp", 3, 1, 0)), {})
    assert first > 10 and (second, third) == (2 * first, 3 * first)
    assert 60 * first > 2 * seconds_dense(cost, "sparse")


def test_profile_leaves_retries_to_itself() -> None:
    assert yaml.safe_load(PROFILE)["retries"] > 0
    assert not any("retries:" in rule for rule in rules().values())


# Answers of a site that knows the account, and refuses every job.
COMMANDS = {
    "sbatch": 'echo "$@" > "$0.asked"; exit 1',
    "sacctmgr": "echo my_account",
    "sinfo": "exit 0",
    "squeue": "exit 0",
    "scontrol": "echo 'MinJobAge = 600 sec'",
}


def submission(project: "Project", bin_: Path, engine: str) -> str:
    """Return the options that sbatch gets for a training job."""
    for name, line in COMMANDS.items():
        command = bin_ / name
        command.parent.mkdir(exist_ok=True)
        command.write_text(f"#!/bin/sh\n{line}\n")
        command.chmod(0o755)
    project.edit("config/config.yaml", "engine: sparse", f"engine: {engine}")
    process = project.start(
        *("--cores", "8", "--profile", "slurm", "--retries", "0"),
        *("--slurm-init-seconds-before-status-checks", "1", "--", MANIFEST),
        PATH=f"{bin_}:/usr/bin:/bin",
    )
    output, _ = process.communicate(timeout=900)
    asked = bin_ / "sbatch.asked"
    assert process.returncode != 0 and asked.exists(), output
    return asked.read_text().split(" --wrap=")[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "asked", "not_asked"),
    [
        ("sparse", "-C skylake|-p cpu|--mem 2000|--cpus-per-task=1", "--gpus"),
        ("torch", "-C gpu80gb|-p gpu|--mem 8000|--cpus-per-gpu=1|--gpus=a100:1", "--cpus-per-task"),
    ],
)
def test_settings_of_a_cluster_reach_sbatch(
    fresh: "Project", tmp_path: Path, engine: str, asked: str, not_asked: str
) -> None:
    given = r"^( +)# ((?:slurm_account|slurm_partition|constraint|qos|gpu_model): \w+)$"
    profile, count = re.subn(given, r"\1\2", PROFILE, flags=re.MULTILINE)
    assert count == 7
    fresh.write("slurm/profile.yaml", profile)
    call = submission(fresh, tmp_path / "bin", engine)
    for option in ["-A my_account", "--requeue", "--signal=TERM@30", "--qos=normal"]:
        assert option in call
    assert all(option in call for option in asked.split("|")), call
    assert not_asked not in call


@pytest.mark.slow
@pytest.mark.parametrize("gres", [True, False], ids=["gres", "no GPU"])
def test_gpus_can_be_asked_for_as_gres_or_not_at_all(
    fresh: "Project", tmp_path: Path, gres: bool
) -> None:
    fresh.edit("slurm/profile.yaml", "# gpu: 0", "gpu: 0")
    if gres:
        fresh.edit("slurm/profile.yaml", "# gres: ", "gres: ")
    call = submission(fresh, tmp_path / "bin", "torch")
    assert "--gpus" not in call
    assert ("--gres=gpu:1" in call) == gres
    assert ("-t 10 " in call) == gres  # minutes to start a GPU; one core starts sooner, then crawls


@pytest.mark.slow
def test_a_figure_is_built_through_slurm(
    fresh: "Project",
    unbuilt: "Project",
    submit: Callable[..., "subprocess.Popen[str]"],
    tmp_path: Path,
) -> None:
    process = submit("fig91")
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    # A trial's rounds are one submission: two of net_imp, one of net_reinit; then two tables
    # and the figure.
    assert output.count("has been submitted with SLURM jobid") == 6, output
    assert fresh.stale("fig91") == set()
    shutil.copytree(unbuilt.folder, tmp_path / "local", symlinks=True)
    local = type(fresh)(tmp_path / "local")
    local.run("fig91")
    assert fresh.files() == local.files()
