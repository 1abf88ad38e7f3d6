"""The gallery as the DAG makes it, and the plan as a target."""

import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

pytestmark = pytest.mark.slow

CLAIMS = """\
id,section,experiment,statement,quantity,value,unit,tolerance_hint,figure,source
c001,2,net_imp,Pruned it is better,difference,better,,direction only,fig91,text
"""
CLAIM = """\
c001:
  statement: Pruned it is better
  checks:
    - statistic: {estimator: difference, experiment: net_imp, y: end_test_accuracy, size: 64.2,
        minus: {size: 100}}
      accept: {above: 0}
"""


def test_the_gallery_has_all_figures_and_claims(project: "Project") -> None:
    """The claims are judged when all tables are there, though one was not when it began."""
    for path in project.path("config/paper/claims").iterdir():
        path.unlink()
    project.write("config/paper/claims.csv", CLAIMS)
    project.write("config/paper/claims/net.yaml", CLAIM)
    shutil.rmtree(project.path("results/tiny/tables/net_imp"))
    output = project.run("gallery")
    assert "Writing the gallery" in output
    page = project.path("results/tiny/gallery.html").read_text()
    assert page.count("<article ") == 2
    assert "Not built yet" not in page
    assert "2 of 2 figures are built at scale tiny" in page
    assert project.stale("gallery") == set()
    [claim] = pd.read_csv(project.path("results/tiny/claims.csv")).to_dict("records")
    assert claim["verdict"] != "not run", claim["reason"]
    assert "1 claim: 1 " in page


def test_the_plan_as_a_target(project: "Project") -> None:
    project.path("results/tiny/runs/net_imp/round_02/trial_0/manifest.json").unlink()
    output = project.run("plan")
    [line] = [line for line in output.splitlines() if line.startswith("│ in all ")]
    jobs, done = [int(cell) for cell in line.split("│")[2:4]]
    assert jobs == done + 1 > 1
