"""The whole pipeline on real MNIST, from the data to the figures and what vouches for them."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from lth_core.config.check_figures import rules
from lth_core.figures.embed import read_metadata

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

MNIST = "c473ce9d"  # How the digest of the data set begins.
SUFFIXES = ("png", "svg", "csv", "ipynb", "runs.parquet", "manifest.json", "context.json")


def test_a_figure_has_its_files(built: "Project") -> None:
    names = {path.name for path in built.path("results/tiny/figures").iterdir()}
    assert names == {f"{figure}.{suffix}" for figure in ("fig91", "fig92") for suffix in SUFFIXES}


def test_the_numbers_of_a_figure_are_those_of_its_tables(built: "Project") -> None:
    for figure, experiments in (
        ("fig91", ["net_imp", "net_reinit"]),
        ("fig92", ["net_rate_same", "net_rate_other"]),
    ):
        csv = pd.read_csv(built.path(f"results/tiny/figures/{figure}.csv"))
        assert list(csv["series"].unique()) == experiments
        for experiment, drawn in csv.groupby("series"):
            summary = pd.read_parquet(
                built.path(f"results/tiny/tables/{experiment}/summary.parquet")
            )
            runs = summary.groupby("percent_remaining")["end_test_accuracy"]
            expected = runs.agg(["mean", "min", "max", "size"]).sort_index(ascending=False)
            columns = drawn[["x", "mean", "minimum", "maximum", "n_runs"]]
            pd.testing.assert_frame_equal(
                columns.reset_index(drop=True).astype(float),
                expected.reset_index().set_axis(columns.columns, axis=1).astype(float),
                check_exact=False,
                rtol=1e-9,
            )


def test_equal_runs_are_trained_once(built: "Project") -> None:
    runs = built.path("results/tiny/runs")
    assert {path.name for path in runs.iterdir()} == {"net_imp", "net_reinit", "net_rate_other"}
    tables = [built.path(f"results/tiny/tables/{name}") for name in ("net_imp", "net_rate_same")]
    imp, same = (pd.read_parquet(table / "summary.parquet") for table in tables)
    imp = imp[imp["trial"] == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(imp.drop(columns="experiment"), same.drop(columns="experiment"))


@pytest.mark.parametrize("figure", ["fig91", "fig92"])
def test_the_manifests_lead_from_a_figure_to_the_data(built: "Project", figure: str) -> None:
    _follow(built, figure)


def test_the_rules_are_clean(unbuilt: "Project") -> None:
    found = re.findall(r"^    \* (.*)", unbuilt.run("--lint", fails=True), re.MULTILINE)
    waived = (
        "Specify a conda environment",  # the whole pipeline has one, the pinned one
        "Mixed rules and functions",  # a rule and its input functions belong together
        "Path composition with '+'",  # of commands
    )
    assert any(lint.startswith(waived) for lint in found), "the lints are read"
    assert not [lint for lint in found if not lint.startswith(waived)]


@pytest.mark.slow
@pytest.mark.long
def test_the_graph_is_drawn_without_cores(unbuilt: "Project") -> None:
    for option in ("--rulegraph", "--dag"):
        assert "digraph snakemake" in unbuilt.call(option, "--", "fig91")
    listed = re.findall(r"^\w+$", unbuilt.call("--list-rules"), re.MULTILINE)
    figures = {f"{name}{part}" for name in ("fig91", "fig92") for part in ("", "_partial")}
    assert set(listed) - figures == rules()
    assert "results/tiny/figures/fig91.png\t" in unbuilt.call("--summary", "--", "fig91")


@pytest.mark.slow
@pytest.mark.long
def test_the_same_work_in_another_folder_gives_the_same_bytes(
    built: "Project", fresh: "Project"
) -> None:
    fresh.run("fig91", "fig92")
    assert fresh.files() == built.files()


@pytest.mark.slow
@pytest.mark.long
def test_the_figures_of_the_paper(checkout: Callable[[str], "Project"]) -> None:
    project = checkout("paper_figures")
    scale = "iterations: 0.002\nevaluate_every: 50\nrounds: 2\ntrials: 2\nreplicates: 1\n"
    project.write("config/scales/tiny.yaml", f"{scale}oneshot_shares: 2\nsweep_points: 2\n")
    figures = ("fig03", "fig15")
    project.run("--config", "scale=tiny", "trials_per_job=2", "--", *figures)
    names = {path.name for path in project.path("results/tiny/figures").iterdir()}
    assert names == {f"{figure}.{suffix}" for figure in figures for suffix in SUFFIXES}
    for figure in figures:
        _follow(project, figure)


def _follow(project: "Project", figure: str) -> None:
    """Check every digest from a figure's manifest down, and that all runs end at the data."""
    top = f"results/tiny/figures/{figure}.manifest.json"
    top_digest = sha256(project.path(top).read_bytes()).hexdigest()
    for suffix in ("png", "svg", "ipynb"):
        embedded = read_metadata(project.path(f"results/tiny/figures/{figure}.{suffix}"))
        assert embedded["manifest"] == top_digest
    manifests: dict[str, dict[str, Any]] = {}
    pending = [top]
    while pending:
        name = pending.pop()
        manifests[name] = json.loads(project.path(name).read_bytes())
        for file, digest in manifests[name]["inputs"].items():
            assert sha256(project.path(file).read_bytes()).hexdigest() == digest, file
            if file.endswith("manifest.json") and file not in manifests:
                pending.append(file)
        if manifests[name]["kind"] != "figure":
            folder = project.path(name).parent
            for output, digest in manifests[name]["outputs"].items():
                assert sha256((folder / output).read_bytes()).hexdigest() == digest, output
    data = "results/data/mnist.manifest.json"
    assert manifests[data]["digest"].startswith(MNIST)
    runs = [manifest for manifest in manifests.values() if manifest["kind"] == "train"]
    assert runs and all(data in run["inputs"] for run in runs)
    table = "distributions" if figure == "fig15" else "summary"
    kinds = {manifest["kind"] for manifest in manifests.values()}
    assert kinds == {"figure", table, "train", "dataset"}
