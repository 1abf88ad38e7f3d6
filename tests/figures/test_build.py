"""From tables to pictures that say where they come from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lth_core.config.at_scale import figure_at_scale
from lth_core.config.figures import FigureSpec, load
from lth_core.config.load import load as load_project
from lth_core.figures import embed
from lth_core.figures.build import FigureJob, build
from lth_core.files import sha256_file
from lth_core.provenance import manifest

ROOT = Path(__file__).resolve().parents[2]
FIGURES = load(ROOT / "config/figures.yaml").figures
QUICK = {"name": "quick", "note": "3 of 5 trials"}
SUFFIXES = ("png", "svg", "csv", "ipynb", "manifest.json")


def write_tables(
    folder: Path, figure: FigureSpec, kind: str, rows: pd.DataFrame
) -> dict[str, Path]:
    """Write `rows` as the table of every experiment of the figure."""
    tables = {experiment: folder / experiment for experiment in figure.experiments}
    for experiment, path in tables.items():
        path.mkdir(parents=True)
        rows.assign(experiment=experiment).to_parquet(path / f"{kind}.parquet")
        made = {"settings": {"trials": 3}, "experiment": experiment}
        (path / "manifest.json").write_text(json.dumps(made))
    return tables


def summary() -> pd.DataFrame:
    numbers = np.random.default_rng(0)
    rows = [
        dict(round=number, trial=trial, replicate=0, percent_remaining=100 * 0.8**number)
        | dict(iterations=10000, early_stop_iteration=float(numbers.integers(20, 40) * 100))
        | dict(validation_accuracy_at_early_stop=0.98 - 0.005 * numbers.random(), diverged=False)
        for number in range(5)
        for trial in range(3)
    ]
    return pd.DataFrame(rows)


def build_figure(name: str, tables: dict[str, Path], out: Path, **changes: Any) -> None:
    paper = ROOT / f"config/paper/curves/{name}.csv"
    settings: dict[str, Any] = {
        "spec": FIGURES[name].model_dump(mode="json"),
        "scale": QUICK,
        "paper": paper if paper.exists() else None,
        "code": "c",
    }
    build(FigureJob(name, tables=tables, **settings | changes), out)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Figure 9, built twice in the same place; the bytes of both times and the folder."""
    folder = tmp_path_factory.mktemp("figure")
    tables = write_tables(folder / "tables", FIGURES["fig09"], "summary", summary())
    times = []
    for _ in range(2):
        build_figure("fig09", tables, folder / "figures")
        times.append({s: (folder / f"figures/fig09.{s}").read_bytes() for s in SUFFIXES})
    return times, folder / "figures"


def test_the_same_tables_give_the_same_bytes(built):
    (first, second), _ = built
    assert [s for s in SUFFIXES if first[s] != second[s]] == []


def test_nothing_else_is_left_behind(built):
    _, out = built
    assert {path.name for path in out.iterdir()} == {f"fig09.{s}" for s in SUFFIXES}


def test_the_csv_holds_the_means_of_the_table(built):
    _, out = built
    numbers = pd.read_csv(out / "fig09.csv")
    runs = summary().groupby("round")["validation_accuracy_at_early_stop"]
    panel = numbers[numbers["panel"] == "validation_accuracy_at_early_stop"]
    for _, line in panel.groupby("series"):
        assert line["mean"].to_numpy() == pytest.approx(runs.mean().to_numpy())
        assert line["minimum"].to_numpy() == pytest.approx(runs.min().to_numpy())
        assert line["maximum"].to_numpy() == pytest.approx(runs.max().to_numpy())
        assert set(line["n_runs"]) == {3}
    assert set(numbers["series"]) == set(FIGURES["fig09"].experiments)


@pytest.mark.parametrize("suffix", ["png", "svg", "ipynb"])
def test_a_figure_carries_its_provenance(built, suffix):
    _, out = built
    carried = embed.read_metadata(out / f"fig09.{suffix}")
    written = manifest.read(out / "fig09.manifest.json")
    assert carried == {
        "figure": "fig09",
        "manifest": sha256_file(out / "fig09.manifest.json"),
        "config": manifest.digest(written["settings"]),
        "commit": written["source"]["commit"],
        "scale": "quick",
        "trials": {"lenet_imp": 3, "lenet_continued": 3},
    }


def test_the_manifest_describes_the_files(built):
    _, out = built
    written = manifest.read(out / "fig09.manifest.json")
    assert written["outputs"] == {
        "fig09.csv": sha256_file(out / "fig09.csv"),
        "fig09.ipynb:content": embed.content_digest(out / "fig09.ipynb"),
        "fig09.png:pixels": embed.content_digest(out / "fig09.png"),
        "fig09.svg:content": embed.content_digest(out / "fig09.svg"),
    }
    claims = {path for path in written["inputs"] if "config/paper/claims" in path}
    assert len(claims) == 13  # one file with all statements, twelve with how they are judged
    assert sorted(Path(path).name for path in written["inputs"] if path not in claims) == [
        "fig09.csv",
        "manifest.json",
        "manifest.json",
        "pruning_curves.ipynb",
    ]


def test_the_notebook_holds_no_times(built):
    _, out = built
    notebook = json.loads((out / "fig09.ipynb").read_text())
    assert "papermill" not in notebook["metadata"]
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags"}


def test_embedding_again_changes_no_content(built, tmp_path):
    _, out = built
    for suffix in ("png", "svg"):
        copy = tmp_path / f"copy.{suffix}"
        copy.write_bytes((out / f"fig09.{suffix}").read_bytes())
        embed.embed(copy, {"figure": "other <&>"})
        assert embed.read_metadata(copy) == {"figure": "other <&>"}
        original = out / f"fig09.{suffix}"
        assert embed.content_digest(copy) == embed.content_digest(original)


def test_an_experiment_without_tables_is_named(tmp_path):
    tables = write_tables(tmp_path / "tables", FIGURES["fig09"], "summary", summary())
    del tables["lenet_continued"]
    with pytest.raises(ValueError, match="no tables of experiment lenet_continued"):
        build_figure("fig09", tables, tmp_path / "figures")
    assert not (tmp_path / "figures").exists()


def test_a_notebook_that_fails_leaves_nothing_behind(tmp_path):
    tables = write_tables(tmp_path / "tables", FIGURES["fig09"], "curves", summary())
    with pytest.raises(Exception, match="no summary of experiment lenet_imp"):
        build_figure("fig09", tables, tmp_path / "figures")
    assert list((tmp_path / "figures").iterdir()) == []


def test_learning_curves_notebook(tmp_path):
    rows = pd.DataFrame(
        [
            dict[str, Any](round=number, percent_remaining=100 * 0.8**number, trial=0)
            | dict(replicate=0, iteration=iteration, split=split, loss=0.1, accuracy=0.97)
            for number in (0, 3, 7)
            for split in ("validation", "test")
            for iteration in range(0, 2000, 100)
        ]
    )
    tables = write_tables(tmp_path / "tables", FIGURES["fig11"], "curves", rows)
    build_figure("fig11", tables, tmp_path / "figures")
    numbers = pd.read_csv(tmp_path / "figures/fig11.csv")
    assert set(numbers["mean"]) == {0.1}


def test_distributions_notebook(tmp_path):
    rows = pd.DataFrame(
        [
            dict(quantity="initial_weight", round=number, percent_remaining=100 * 0.8**number)
            | dict(layer=layer, group="", left=left, right=left + 0.5, density=1.0)
            for number in (0, 2)
            for layer in ("fc1", "fc2", "output")
            for left in (0.0, 0.5)
        ]
    )
    tables = write_tables(tmp_path / "tables", FIGURES["fig15"], "distributions", rows)
    build_figure("fig15", tables, tmp_path / "figures")
    numbers = pd.read_csv(tmp_path / "figures/fig15.csv")
    assert set(numbers["panel"]) == {"100.00% remaining", "64.00% remaining"}


def test_architecture_table_notebook_needs_no_tables(tmp_path):
    spec = figure_at_scale(load_project(ROOT / "config", {"scale": "smoke"}), "fig02")
    build_figure("fig02", {}, tmp_path / "figures", spec=spec)
    table = pd.read_csv(tmp_path / "figures/fig02.csv")
    assert list(table.columns)[:3] == ["network", "Lenet", "Conv-2"]


def test_a_figure_at_a_fixed_iteration_reads_the_curves(tmp_path):
    figure = FIGURES["fig08"]
    tables = write_tables(tmp_path / "tables", figure, "summary", summary())
    rows = [
        dict[str, Any](round=number, trial=trial, replicate=0, percent_remaining=100 * 0.8**number)
        | dict(iteration=at, split=split, loss=0.5, accuracy=0.8 + at / 1e6)
        for number in range(5)
        for trial in range(3)
        for at in (0, 10000, 20000, 30000)
        for split in ("validation", "test")
    ]
    for experiment, folder in tables.items():
        curves = pd.DataFrame(rows).assign(experiment=experiment)
        curves.to_parquet(folder / "curves.parquet")
    build_figure("fig08", tables, tmp_path / "figures")
    means = pd.read_csv(tmp_path / "figures/fig08.csv").groupby("panel")["mean"].mean()
    assert means.to_dict() == {
        "test_accuracy_10K": pytest.approx(0.81),
        "test_accuracy_20K": pytest.approx(0.82),
        "test_accuracy_30K": pytest.approx(0.83),
    }
