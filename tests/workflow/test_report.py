"""Snakemake's own report of the figures."""

import json
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project


@pytest.mark.slow
def test_the_report_lists_figures_with_chapter_labels_and_caption(project: "Project") -> None:
    project.run("--report", "report.zip", "--", "fig91", "fig92")
    with ZipFile(project.path("report.zip")) as archive:
        page = archive.read("report/report.html").decode()
        pictures = [name for name in archive.namelist() if name.endswith(".png")]
    assert sorted(name.rsplit("/", 1)[1] for name in pictures) == ["fig91.png", "fig92.png"]
    result = variable(page, "results")["results/tiny/figures/fig91.png"]
    heading = "Figure 91 (not in the paper)"
    assert result["labels"] == {"figure": heading, "title": "A figure", "scale": "tiny"}
    assert "A figure of the workflow's tests. Scale tiny." in result["caption"]
    assert "fig91.manifest.json" in result["caption"]
    [chapter] = variable(page, "categories")
    assert chapter == "Figures of this project"


def variable(page: str, name: str) -> dict[str, Any]:
    """Return a variable of the report's script."""
    text = page.split(f'<script id="{name}">', 1)[1].split(f"var {name} = ", 1)[1]
    value: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    return value
