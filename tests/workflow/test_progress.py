"""What the terminal shows of a call that works, and of one that fails."""

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

FOLDER = "runs/net_imp/round_01/trial_0"
MANIFEST = f"results/tiny/{FOLDER}/manifest.json"


def test_a_line_a_job_says_what_came_out_of_it(fresh: "Project") -> None:
    output = fresh.run(MANIFEST)
    first, second = re.findall(r"^\[.*", output, re.MULTILINE)
    result = r"early stop at \d+, test accuracy there [\d.]+%"
    left = r"( \(about \d+ s left\))?"  # nothing where it is less than a second
    of_dense, of_pruned = "round 00, trial 0: 100.0 %", r"round 01, trial 0: 8\d\.\d %"
    assert re.fullmatch(rf"\[1 of 2\] net_imp, {of_dense} of weights, {result}{left}", first)
    assert re.fullmatch(rf"\[2 of 2\] net_imp, {of_pruned} of weights, {result}", second)
    assert "Training net_imp, round 00, trial_0" in output  # before there are results
    for noise in ("Select jobs", "Execute", "Reason", "Finished jobid", "round 01, trial_0\n"):
        assert noise not in output
    *_, log = sorted(fresh.path(".snakemake/log").iterdir())
    assert "Reason" in log.read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_takes_more_than_an_hour_says_so_before_it_starts(fresh: "Project") -> None:
    assert "training job" not in fresh.run("--dry-run", MANIFEST)
    fresh.edit("lth_core/costs/left.py", '"sparse": 6e10', '"sparse": 1e3')
    output = fresh.run(MANIFEST)
    before, _, _ = output.partition("Training net_imp")
    assert re.search(r"\nThis takes about [\d.,]+ h on \d cores? .*: 2 training jobs\.\n", before)


def test_a_failed_job_is_told_with_files_and_log(fresh: "Project") -> None:
    broken = '    raise OSError("nothing works")\n'
    fresh.edit("lth_core/training/loop.py", "    progress.measured += 1\n", broken)
    output = fresh.run(MANIFEST, fails=True)
    log = f"logs/tiny/{FOLDER.replace('round_01', 'round_00')}.log"
    assert "Error in rule train:" in output
    assert MANIFEST.replace("round_01", "round_00") in output
    assert f"Logfile {log}:" in output
    assert output.count("error: nothing works") == 1
    assert "At least one job did not complete successfully." in output
