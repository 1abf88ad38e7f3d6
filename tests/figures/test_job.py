"""From tables to pictures that say where they come from."""

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

from lth_core.config.claim_files import figure_claims
from lth_core.config.figure_at_scale import figure_at_scale
from lth_core.config.figures import FigureSpec
from lth_core.errors import NotPlanned
from lth_core.figures import embed
from lth_core.files import sha256_file
from lth_core.jobs import figure as planner
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.provenance import context, manifest
from lth_core.provenance.fingerprint import reached
from lth_core.runs.plan import Plan
from tests.projects import plan_at, project_at

ROOT = Path(__file__).resolve().parents[2]
FIGURES = project_at("quick").figures
QUICK = {"name": "quick", "note": "3 of 5 trials"}
SUFFIXES = ("png", "svg", "csv", "ipynb", "runs.parquet", "manifest.json")


@pytest.fixture(autouse=True, scope="module")
def _in_the_project():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield


def write_tables(folder: Path, figure: FigureSpec, **rows: pd.DataFrame) -> dict[str, Path]:
    """Write `rows`, by kind of table, as the tables of every experiment of the figure."""
    tables = {experiment: folder / experiment for experiment in figure.experiments}
    for experiment, path in tables.items():
        path.mkdir(parents=True)
        for kind, table in rows.items():
            table.assign(experiment=experiment).to_parquet(path / f"{kind}.parquet")
        outputs = {file.name: sha256_file(file) for file in path.iterdir()}
        made = manifest.build("summary", {"experiment": experiment}, "c", {}, outputs)
        manifest.write(path / manifest.NAME, made)
    return tables


def summary() -> pd.DataFrame:
    numbers = np.random.default_rng(0)
    rows = [
        dict(round=number, trial=trial, replicate=0, percent_remaining=100 * 0.8**number)
        | dict(iterations=10000, early_stop_iteration=float(numbers.integers(20, 40) * 100))
        | dict(validation_accuracy_at_early_stop=0.98 - 0.005 * numbers.random())
        | dict(diverged=(number, trial) == (3, 1))
        for number in range(5)
        for trial in range(3)
    ]
    return pd.DataFrame(rows)


def curves(rounds: tuple[int, ...], iterations: range) -> pd.DataFrame:
    rows = [
        dict[str, Any](round=number, trial=trial, replicate=0, percent_remaining=100 * 0.8**number)
        | dict(iteration=at, split=split, loss=0.1 * (1 + trial), accuracy=0.8 + at / 1e6)
        for number in rounds
        for trial in range(3)
        for at in iterations
        for split in ("validation", "test")
    ]
    return pd.DataFrame(rows)


def job(name: str, tables: dict[str, Path], spec: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the job that draws a figure from these tables."""
    files = {f"{path}/{manifest.NAME}": [f.name for f in path.glob("*.parquet")]
             for path in tables.values()}  # fmt: skip
    paper = [f"config/paper/curves/{name}.csv"] if name in ("fig08", "fig09") else []
    notebook = f"notebooks/{FIGURES[name].notebook}.ipynb"
    return {
        "figure": name,
        "spec": spec or FIGURES[name].model_dump(mode="json"),
        "scale": QUICK,
        "claims": figure_claims(name, Path("config/paper"), []),
        "seeds": {},
        "tables": {experiment: str(path) for experiment, path in tables.items()},
        "reads": {**files, **{path: [] for path in [notebook, *paper]}},
    }


def draw(name: str, tables: dict[str, Path], out: Path, spec: Any = None) -> None:
    """Do the job, and check that the runs that it wrote down are those of its CSV."""
    made = job(name, tables, spec)
    run("figure", made, code_of("figure", made), out)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Figure 9, built twice in the same place; the bytes of both times and the folder.

    The second time it is a user who has set all that there is to set.
    """
    folder = tmp_path_factory.mktemp("figure")
    tables = write_tables(folder / "tables", FIGURES["fig09"], summary=summary())
    times = []
    for user in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            if user:
                for key, value in settings_of_a_user(folder / "own", patch).items():
                    patch.setenv(key, str(value))
            draw("fig09", tables, folder / "figures")
        times.append({s: (folder / f"figures/fig09.{s}").read_bytes() for s in SUFFIXES})
    return times, folder / "figures"


def settings_of_a_user(home: Path, patch: pytest.MonkeyPatch) -> dict[str, object]:
    """Fill a user's home, go to a project with a matplotlibrc, and return the variables."""
    kernel = {"argv": ["false"], "display_name": "Mine", "language": "python"}
    profile = "c.InlineBackend.figure_formats = ['svg']\nc.InteractiveShellApp.exec_lines = ['1/0']"
    style = "font.size: 30\nsvg.fonttype: none\nsavefig.bbox: tight\nno.such.key: 1\n"
    files = {
        "kernels/python3/kernel.json": json.dumps(kernel),
        "profile_default/ipython_kernel_config.py": profile,
        ".ipython/profile_default/ipython_kernel_config.py": profile,
        "startup.py": "raise SystemExit('the startup file ran')",
        "matplotlibrc": style,
        ".config/matplotlib/matplotlibrc": style,
        "project/matplotlibrc": style,
        "packages/pandas.py": "raise SystemExit('another pandas')",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    for name in ("notebooks", "config"):
        (home / "project" / name).symlink_to(ROOT / name)
    patch.chdir(home / "project")
    patch.delenv("XDG_CONFIG_HOME", raising=False)
    return {
        "HOME": home,
        **{f"JUPYTER_{name}": home for name in ("PATH", "CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")},
        "IPYTHONDIR": home,
        "PYTHONSTARTUP": home / "startup.py",
        "PYTHONPATH": home / "packages",
        "PYTHONWARNINGS": "error",
        "PYTHONSAFEPATH": "1",
        "PYTHONIOENCODING": "latin-1",
        "MPLBACKEND": "pdf",
        "MATPLOTLIBRC": home / "matplotlibrc",
        "LC_ALL": "C",
        "COLUMNS": "40",
    }


def test_the_same_tables_give_the_same_bytes_for_every_user(built):
    (first, second), _ = built
    assert [s for s in SUFFIXES if first[s] != second[s]] == []


def test_nothing_else_is_left_behind(built):
    _, out = built
    assert {path.name for path in out.iterdir()} == {
        f"fig09.{s}" for s in (*SUFFIXES, "context.json")
    }


def test_the_csv_holds_the_means_of_the_table(built):
    _, out = built
    numbers = pd.read_csv(out / "fig09.csv")
    rows = summary()
    runs = rows[~rows["diverged"]].groupby("round")["validation_accuracy_at_early_stop"]
    panel = numbers[numbers["panel"] == "validation_accuracy_at_early_stop"]
    for _, line in panel.groupby("series"):
        assert line["mean"].to_numpy() == pytest.approx(runs.mean().to_numpy())
        assert line["minimum"].to_numpy() == pytest.approx(runs.min().to_numpy())
        assert line["maximum"].to_numpy() == pytest.approx(runs.max().to_numpy())
        assert line["n_runs"].to_list() == [3, 3, 3, 2, 3]
    assert set(numbers["series"]) == set(FIGURES["fig09"].experiments)


def check_runs(out: Path, name: str) -> pd.DataFrame:
    """Check that the means in a figure's CSV are those of the runs behind it; return these."""
    runs = pd.read_parquet(out / f"{name}.runs.parquet")
    numbers = pd.read_csv(out / f"{name}.csv")
    assert len(numbers)
    for row in numbers.to_dict("records"):
        here = (runs["panel"] == row["panel"]) & (runs["series"] == row["series"])
        own = runs[here & np.isclose(runs["x"], row["x"], rtol=1e-9, atol=0)]
        counted = own[own["counted"]]
        assert counted["value"].mean() == pytest.approx(row["mean"], rel=1e-9)
        assert (len(counted), len(own)) == (row["n_runs"], row["n_runs"] + row["n_diverged"])
    return runs


def test_the_runs_behind_every_point_are_written_down(built):
    _, out = built
    runs = check_runs(out, "fig09")
    accuracy = runs[runs["quantity"] == "validation_accuracy_at_early_stop"]
    expected = summary()
    ticket = accuracy[accuracy["experiment"] == "lenet_imp"]
    assert ticket["value"].to_list() == expected["validation_accuracy_at_early_stop"].to_list()
    assert ticket["iteration"].to_list() == expected["early_stop_iteration"].to_list()
    assert (~ticket["counted"]).to_list() == expected["diverged"].to_list()


@pytest.mark.parametrize("suffix", ["png", "svg", "ipynb"])
def test_a_figure_carries_its_provenance(built, suffix):
    _, out = built
    carried = embed.read_metadata(out / f"fig09.{suffix}")
    settings = manifest.read(out / "fig09.manifest.json")["settings"]
    del settings["reads"]
    assert carried == {
        "figure": "fig09",
        "manifest": sha256_file(out / "fig09.manifest.json"),
        "config": manifest.digest(settings),
        "scale": "quick",
    }


def test_the_manifest_describes_the_files(built):
    _, out = built
    written = manifest.read(out / "fig09.manifest.json")
    assert written["outputs"] == {
        "fig09.csv": sha256_file(out / "fig09.csv"),
        "fig09.ipynb:content": embed.content_digest(out / "fig09.ipynb"),
        "fig09.png:pixels": embed.content_digest(out / "fig09.png"),
        "fig09.runs.parquet": sha256_file(out / "fig09.runs.parquet"),
        "fig09.svg:content": embed.content_digest(out / "fig09.svg"),
    }
    assert sorted(Path(path).name for path in written["inputs"]) == [
        "fig09.csv",
        "manifest.json",
        "manifest.json",
        "pruning_curves.ipynb",
    ]
    recorded = context.read(out / "fig09.manifest.json")
    assert recorded is not None and "matplotlib" in recorded["environment"]


def test_the_notebook_holds_no_times(built):
    _, out = built
    notebook = json.loads((out / "fig09.ipynb").read_text(encoding="utf-8"))
    assert "papermill" not in notebook["metadata"]
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags"}


@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_executed_notebook_runs_again_where_it_lies(elsewhere, built, tmp_path):
    """Its folder is the current one in Jupyter; another program may start anywhere."""
    _, out = built
    place = ROOT / "results/test_notebook/figures"
    place.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copy(out / "fig09.ipynb", place)
        notebook = nbformat.read(place / "fig09.ipynb", as_version=4)
        where = tmp_path if elsewhere else place
        NotebookClient(notebook, resources={"metadata": {"path": str(where)}}).execute()
        assert [path.name for path in place.iterdir()] == ["fig09.ipynb"]
        assert list(tmp_path.iterdir()) == []
    finally:
        shutil.rmtree(place.parent)
    before = nbformat.read(out / "fig09.ipynb", as_version=4)
    for cell, old in zip(notebook.cells, before.cells, strict=True):
        assert cell.get("outputs") == old.get("outputs")


def test_embedding_again_changes_no_content(built, tmp_path):
    _, out = built
    for suffix in ("png", "svg"):
        copy = tmp_path / f"copy.{suffix}"
        copy.write_bytes((out / f"fig09.{suffix}").read_bytes())
        embed.embed(copy, {"figure": "other <&>"})
        assert embed.read_metadata(copy) == {"figure": "other <&>"}
        original = out / f"fig09.{suffix}"
        assert embed.content_digest(copy) == embed.content_digest(original)


def test_a_notebook_that_fails_leaves_nothing_behind(tmp_path):
    tables = write_tables(tmp_path / "tables", FIGURES["fig09"], curves=summary())
    with pytest.raises(Exception, match="no summary of experiment lenet_imp"):
        draw("fig09", tables, tmp_path / "figures")
    assert list((tmp_path / "figures").iterdir()) == []


def test_learning_curves_notebook(tmp_path):
    tables = write_tables(
        tmp_path / "tables", FIGURES["fig11"], curves=curves((0, 3, 7), range(0, 2000, 100))
    )
    draw("fig11", tables, tmp_path / "figures")
    runs = check_runs(tmp_path / "figures", "fig11")
    assert set(runs["value"]) == {0.1, 0.2, 0.1 * 3}
    assert (runs["x"] == runs["iteration"]).all()


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
    by_trial = pd.concat([rows.assign(trial=trial) for trial in range(3)])
    tables = write_tables(
        tmp_path / "tables", FIGURES["fig15"], distributions=rows, by_trial=by_trial
    )
    draw("fig15", tables, tmp_path / "figures")
    numbers = pd.read_csv(tmp_path / "figures/fig15.csv")
    assert set(numbers["panel"]) == {"100.00% remaining", "64.00% remaining"}
    runs = pd.read_parquet(tmp_path / "figures/fig15.runs.parquet")
    drawn = numbers.drop_duplicates(["panel", "series"])[["panel", "series"]]
    assert len(runs) == 3 * len(drawn), "one row a histogram and trial"
    assert runs["x"].isna().all() and runs["value"].isna().all() and runs["counted"].all()
    dense = runs["panel"] == "100.00% remaining"
    assert set(runs[dense]["round"]) == {0} and set(runs[~dense]["round"]) == {2}


def test_xor_notebook(tmp_path):
    figure = FIGURES["v1_tab1"]
    numbers = np.random.default_rng(0)
    units = sorted({cell.units for row in figure.rows for cell in row.cells}, reverse=True)
    rows = pd.DataFrame(
        [
            dict[str, Any](round=number, units=size, trial=trial, iterations=100)
            | {name: bool(numbers.random() < 0.5) for name in ("decision_boundary", "zero_loss")}
            for number, size in enumerate(units)
            for trial in range(20)
        ]
    )
    tables = write_tables(tmp_path / "tables", figure, summary=rows)
    draw("v1_tab1", tables, tmp_path / "figures")
    cells = pd.read_csv(tmp_path / "figures/v1_tab1.csv")
    runs = pd.read_parquet(tmp_path / "figures/v1_tab1.runs.parquet")
    for cell in cells.to_dict("records"):
        of_cell = (runs["panel"] == cell["quantity"]) & (runs["series"] == cell["experiment"])
        own = runs[of_cell & (runs["x"] == cell["units"])]
        assert len(own) == cell["trials"] == 20
        assert 100 * own["value"].mean() == pytest.approx(cell["percent"])


def test_architecture_table_notebook_needs_no_tables(tmp_path):
    spec = figure_at_scale(project_at("smoke"), "fig02")
    draw("fig02", {}, tmp_path / "figures", spec=spec)
    table = pd.read_csv(tmp_path / "figures/fig02.csv")
    assert list(table.columns)[:3] == ["network", "Lenet", "Conv-2"]
    runs = pd.read_parquet(tmp_path / "figures/fig02.runs.parquet")
    assert runs.empty and list(runs)[:3] == ["panel", "series", "x"]


def test_a_figure_at_a_fixed_iteration_reads_the_curves(tmp_path):
    figure = FIGURES["fig08"]
    tables = write_tables(
        tmp_path / "tables",
        figure,
        summary=summary(),
        curves=curves(tuple(range(5)), range(0, 30001, 10000)),
    )
    draw("fig08", tables, tmp_path / "figures")
    means = pd.read_csv(tmp_path / "figures/fig08.csv").groupby("panel")["mean"].mean()
    assert means.to_dict() == {
        "test_accuracy_10K": pytest.approx(0.81),
        "test_accuracy_20K": pytest.approx(0.82),
        "test_accuracy_30K": pytest.approx(0.83),
    }
    runs = check_runs(tmp_path / "figures", "fig08")
    assert set(runs["quantity"]) == {"test_accuracy"}
    assert set(runs["iteration"]) == {10000, 20000, 30000}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_at("quick")


@pytest.mark.parametrize("results", ["results/quick", "results/published/quick"])
def test_a_job_names_the_tables_of_its_place_and_the_claims_of_its_figure(plan, results):
    made = planner.job(plan, {"results": results, "figure": "fig04"})
    assert made["scale"]["name"] == "quick" and "8,000 of 50,000" in made["scale"]["note"]
    assert made["tables"]["lenet_imp"] == f"{results}/tables/lenet_imp"
    assert made["reads"] == {
        **{f"{t}/manifest.json": ["summary.parquet", "curves.parquet"]
           for t in made["tables"].values()},
        "notebooks/pruning_curves.ipynb": [],
        "config/paper/curves/fig04.csv": [],
    }  # fmt: skip
    assert made["claims"] and all("fig04" in claim["figures"] for claim in made["claims"])
    assert {made["seeds"][one] for one in ("lenet_imp", "lenet_imp_reinit")} == {0}
    assert made["seeds"]["lenet_oneshot"] == 1
    assert json.loads(json.dumps(made)) == made
    histograms = planner.job(plan, {"results": results, "figure": "fig15"})["reads"]
    assert histograms[f"{results}/distributions/lenet_imp/manifest.json"] == [
        "distributions.parquet",
        "by_trial.parquet",
    ]


@pytest.mark.parametrize(
    "place",
    [
        {"results": "results/quick", "figure": "fig99"},
        {"results": "results/smoke", "figure": "fig04"},
    ],
)
def test_what_is_not_planned(plan, place):
    with pytest.raises(NotPlanned, match=f"no figure {place['figure']} in {place['results']}"):
        planner.job(plan, place)


@pytest.mark.parametrize("name", ["fig02", "fig04", "fig15", "v1_tab1"])
def test_how_figures_are_planned_is_no_part_of_how_they_are_drawn(name):
    drawn = reached(
        "lth_core.jobs.figure", *planner.modules({"spec": {"notebook": FIGURES[name].notebook}})
    )
    assert not [module for module in drawn if module.startswith("lth_core.runs")]
    # Nor does a family that is added touch the others.
    assert not {"lth_core.config.load", "lth_core.config.figures"} & set(drawn)
