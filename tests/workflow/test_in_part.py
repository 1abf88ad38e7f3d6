"""A figure of which only some lines have been run: drawn by name, labelled, audited, published."""

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from tests.workflow.test_published import audit, lth, make_claims, publish

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

pytestmark = pytest.mark.slow

PANEL = """\
    - name: reinitialised
      title: Reinitialised
      x: {quantity: percent_remaining, label: Percent of Weights Remaining}
      y: end_test_accuracy
      label: "Accuracy at {iterations}"
      experiments: [net_reinit]
"""
PART = "results/tiny/figures/fig91_partial"
PUBLISHED = "results/published/tiny/figures/fig91_partial"
NOT_RUN = "not run: second"
CLAIM = """\
t4:
  statement: Reinitialised it learns
  checks: [{statistic: {estimator: value, experiment: net_reinit, y: end_test_accuracy, size: 80},
            accept: {above: 0}}]
"""


@pytest.fixture(scope="module")
def begun(unbuilt: "Project", tmp_path_factory: pytest.TempPathFactory) -> "Project":
    """A project with one of the two experiments of fig91, which has a panel of the other alone."""
    project = unbuilt.copy_to(tmp_path_factory.mktemp("begun"))
    project.append("config/figures/fig91.yaml", PANEL)
    make_claims(project)
    project.append("config/paper/claims/tiny.yaml", CLAIM)
    project.append("config/paper/claims.csv", 't4,2,,"Reinitialised it learns",,,,,fig91,text\n')
    project.run("results/tiny/runs/net_imp/round_02/trial_0/manifest.json")
    assert "no part of fig91: none is there at scale tiny" in project.run(
        "fig91_partial", fails=True
    )
    project.run("results/tiny/tables/net_imp/manifest.json")
    return project


@pytest.fixture(scope="module")
def drawn(begun: "Project") -> "Project":
    """The same project, with the figure drawn in part and published."""
    assert "Drawing fig91_partial" in begun.stale("fig91_partial")
    assert not any(job.startswith("Training") for job in begun.stale("fig91_partial"))
    begun.run("fig91_partial")
    publish(begun, "fig91_partial")
    return begun


def settings(project: "Project", figure: str) -> Any:
    """Return what a figure's record says of it."""
    return json.loads(project.path(f"{figure}.manifest.json").read_bytes())["settings"]


@pytest.mark.parametrize("figure", [PART, PUBLISHED])
def test_record_and_face_say_what_was_not_run(drawn: "Project", figure: str) -> None:
    recorded = settings(drawn, figure)
    assert (recorded["scale"]["name"], recorded["scale"]["not_run"]) == ("tiny", "second")
    assert list(recorded["tables"]) == ["net_imp"]
    assert [panel["name"] for panel in recorded["spec"]["panels"]] == ["accuracy", "reinitialised"]
    assert set(pd.read_csv(drawn.path(f"{figure}.csv"))["series"]) == {"net_imp"}
    drawing = drawn.path(f"{figure}.svg").read_text(encoding="utf-8")
    assert f">{NOT_RUN}</text>" in drawing  # below the panels
    assert ">not run</text>" in drawing  # in the empty one


@pytest.mark.parametrize("figure", [PART, PUBLISHED])
def test_an_audit_verifies_it(drawn: "Project", figure: str) -> None:
    code, nodes, wrong = audit(drawn, f"{figure}.png")
    assert (code < 2, wrong) == (True, "[]")
    assert nodes[f"{figure}.manifest.json"]["kind"] == "figure"


def test_pages_say_it(drawn: "Project") -> None:
    page = drawn.path("results/published/README.md").read_text(encoding="utf-8")
    assert "### Figure 91 (not in the paper), in part: A figure" in page
    assert f"N{NOT_RUN[1:]}. ([numbers](tiny/figures/fig91_partial.csv)" in page
    assert "not run:" in lth(drawn, "results").stdout
    assert lth(drawn, "gallery").exit_code == 0
    gallery = drawn.path("results/tiny/gallery.html").read_text(encoding="utf-8")
    assert "figures/fig91_partial.png" in gallery and NOT_RUN in gallery


def test_claims_about_what_was_run_have_their_verdict(drawn: "Project") -> None:
    claims = pd.read_csv(drawn.path("results/published/tiny/claims.csv"), index_col="id")
    assert claims["verdict"]["t1"] == "reproduced"
    assert claims["verdict"]["t4"] == "not run"


@pytest.mark.long
def test_the_whole_figure_is_drawn_when_the_rest_is_trained_and_replaces_it(
    drawn: "Project", tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = drawn.copy_to(tmp_path_factory.mktemp("whole"))
    assert {"Summing up net_reinit", "Drawing fig91"} <= project.stale("fig91")
    project.run("results/tiny/tables/net_reinit/manifest.json")
    _, nodes, wrong = audit(project, f"{PART}.png")
    assert wrong == "[]"  # what it is, and was drawn of, is the same
    said = "here plans no part of fig91: all of it is there"
    assert said in str(nodes[f"{PART}.manifest.json"]["reasons"])
    assert "all of it is there, so draw fig91" in project.run("fig91_partial", fails=True)
    project.run("fig91")
    project.add_figure("fig93", "net_imp", "net_reinit")
    publish(project, "fig93")  # what else is published in part is drawn anew
    for folder in ("results/tiny", "results/published/tiny"):
        figures = project.path(f"{folder}/figures")
        assert not list(figures.glob("fig91_partial*"))
        assert "not_run" not in settings(project, f"{folder}/figures/fig91")["scale"]
    refused = lth(project, "publish", "fig91_partial")
    said = "no part of fig91 to publish at scale tiny: publish fig91 itself"
    assert said in " ".join(refused.output.split())
