"""Which copy of a table is published."""

from pathlib import Path

import pandas as pd
import pytest

from lth_core.errors import NotPlanned
from lth_core.jobs.kind import code_of, planned
from lth_core.jobs.run import run
from lth_core.provenance import manifest
from lth_core.runs.plan import Plan
from lth_core.tables.parquet import write_table
from tests.projects import plan_at
from tests.published.conftest import ROOT


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The plan at the paper's scale; work in the checkout."""
    monkeypatch.chdir(ROOT)
    return plan_at("paper")


@pytest.mark.parametrize(
    ("table", "experiment", "files"),
    [
        ("tables", "lenet_imp", ["summary.parquet", "curves.parquet"]),
        ("tables", "v1_xor_oneshot_product", ["summary.parquet"]),
        ("distributions", "lenet_imp", ["distributions.parquet", "by_trial.parquet"]),
        ("pixels", "lenet_ticket", ["pixels.parquet"]),
        ("distances", "lenet_oneshot", ["distances.parquet"]),
        ("structure", "lenet_imp", ["structure.parquet", "displacements.parquet"]),
    ],
)
def test_a_copy_is_made_of_the_whole_table(
    plan: Plan, table: str, experiment: str, files: list[str]
) -> None:
    found = planned(plan, f"results/published/paper/{table}/{experiment}/manifest.json")
    assert found is not None
    name, job = found
    assert name == "published"
    assert job["reads"] == {f"results/paper/{table}/{experiment}/manifest.json": files}
    assert (job["curves"] is not None) == ("curves.parquet" in files)


@pytest.mark.parametrize(
    "manifest",
    [
        "results/published/quick/tables/lenet_imp/manifest.json",
        "results/published/paper/tables/lenet/manifest.json",
        "results/published/paper/distributions/v1_xor_oneshot_product/manifest.json",
    ],
)
def test_what_is_not_published(plan: Plan, manifest: str) -> None:
    with pytest.raises(NotPlanned, match="no experiment"):
        planned(plan, manifest)


def test_a_table_of_results_is_no_copy(plan: Plan) -> None:
    found = planned(plan, "results/paper/tables/v1_xor_oneshot_product/manifest.json")
    assert found and found[0] == "summary_xor"


def test_the_copy_has_fewer_rows_of_curves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keys = {"round": 0, "trial": 0, "replicate": 0, "split": "validation"}
    curves = pd.DataFrame(
        [{**keys, "iteration": i, "loss": 1.0, "accuracy": 0.5} for i in range(9)]
    )
    whole = Path("results/tiny/tables/net")
    tables = {"summary.parquet": pd.DataFrame([keys]), "curves.parquet": curves}
    written = {name: write_table(table, whole / name) for name, table in tables.items()}
    path = whole / manifest.NAME
    manifest.write(path, manifest.build("summary", {}, "0", {}, written))
    kept = {"rounds": [], "iterations": [3], "every": 4, "accuracies": []}
    job = {"experiment": "net", "curves": kept, "reads": {path.as_posix(): list(tables)}}
    run("published", job, code_of("published", job), Path("copy"))
    assert list(pd.read_parquet("copy/curves.parquet")["iteration"]) == [0, 3, 4, 8]
    outputs = manifest.read(Path("copy/manifest.json"))["outputs"]
    assert outputs["summary.parquet"] == written["summary.parquet"]
    assert outputs["curves.parquet"] != written["curves.parquet"]
