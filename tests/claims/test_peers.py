"""The claims of other systems: about what there is, and judged like the paper's."""

import csv
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lth_core.claims.of_figure import claims_of_figure
from lth_core.claims.verdict import NOT_RUN, REPRODUCED
from lth_core.config.check_claims import check_claims
from lth_core.config.claim_files import figure_claims, load_claims
from lth_core.config.claims import Claim, matching
from lth_core.config.load import Project
from lth_core.files import sha256_file
from lth_core.jobs import claims as claims_job
from lth_core.jobs.kind import Job, code_of
from lth_core.jobs.run import run
from lth_core.provenance import manifest
from tests.projects import plan_at, project_at

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "config" / "peers"


@pytest.fixture(scope="module")
def claims() -> dict[str, Claim]:
    return load_claims(PEERS)


@pytest.fixture(scope="module")
def project() -> Project:
    return project_at("quick")


@pytest.fixture
def nothing_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with the config and the code, and no results."""
    for name in ("config", "lth_core"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)


def judged() -> tuple[Job, pd.DataFrame]:
    """Judge all claims at scale quick; return the job and the verdicts by claim."""
    job = claims_job.job(plan_at("quick"), {"results": "results/quick"})
    run("claims", job, code_of("claims", job), Path("results/quick"))
    return job, pd.read_csv("results/quick/peers.csv", index_col="id")


def test_every_claim_is_about_what_there_is(claims: dict[str, Claim], project: Project) -> None:
    check_claims(project, PEERS)
    assert list(claims) == sorted(claims) and all(re.fullmatch(r"p\d{3}", id_) for id_ in claims)
    with (PEERS / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row["experiment"].split(";") for row in csv.DictReader(file)}
    for name, claim in claims.items():
        assert claim.entry.not_checkable or set(claim.experiments) == set(rows[name])


def test_its_figure_shows_all_experiments_of_a_claim(
    claims: dict[str, Claim], project: Project
) -> None:
    for claim in claims.values():
        [figure] = claim.figures
        named = matching(claim.experiments, [*project.paper_experiments])
        assert set(named) <= set(project.figures[figure].experiments)
        assert claim.id in [one["id"] for one in figure_claims(figure, PEERS, [])]


def test_the_page_lists_every_claim_with_its_published_verdict(claims: dict[str, Claim]) -> None:
    """At the paper's scale where it was judged there, else at quick."""
    published = {}
    for scale in ("quick", "paper"):
        table = pd.read_csv(ROOT / "results" / "published" / scale / "peers.csv", index_col="id")
        for name, row in table[table["verdict"] != NOT_RUN].iterrows():
            published[name] = [row["verdict"], f"{row['n']:.0f}", scale]
    page = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    rows = {row[0]: row[1:] for row in cells if row and row[0] in claims}
    assert list(rows) == list(claims)
    for name, (system, statement, _, figure, *said) in rows.items():
        claim = claims[name]
        assert (system, statement) == (claim.section, claim.entry.statement)
        assert claim.figures == (f"fig{figure}",)
        assert said == published.get(name, [NOT_RUN, "", ""]), name


def test_ids_are_not_the_papers(claims: dict[str, Claim]) -> None:
    assert not claims.keys() & load_claims(ROOT / "config" / "paper").keys()


@pytest.mark.usefixtures("nothing_run")
def test_they_are_judged_on_the_tables_that_are_there() -> None:
    write_runs("lenet_snip", 0.970)
    write_runs("lenet_snip_rearranged", 0.971)
    job, found = judged()
    tables = {path for path in job["reads"] if "tables" in path}
    assert {Path(path).parent.name for path in tables} == {"lenet_snip", "lenet_snip_rearranged"}
    assert list(found.index) == list(load_claims(PEERS))
    assert found.loc["p009", "verdict"] == REPRODUCED
    assert found.loc["p009", "observed"] == pytest.approx(0.1)
    assert set(found["verdict"].drop("p009")) == {NOT_RUN}


@pytest.mark.usefixtures("nothing_run")
def test_what_is_said_of_masks_is_judged_on_their_measures() -> None:
    folder = Path("results/quick/structure/lenet_imp")
    rows = [
        {"round": round_, "trial": trial, "replicate": 0, "percent_remaining": 100 * 0.8**round_,
         "locality": 1 + round_ / 10 + trial / 100}
        for trial in range(5) for round_ in range(21)
    ]  # fmt: skip
    write_table("structure", folder, {"structure.parquet": rows})
    job, found = judged()
    assert job["reads"][f"{folder}/manifest.json"] == ["structure.parquet"]
    assert found.loc["p028", "observed"] == pytest.approx(1 + 1.5 + 0.02, abs=0.02), "round 15"
    assert set(found.loc[["p028", "p029"], "verdict"]) == {REPRODUCED}
    assert found.loc["p030", "reason"] == "no measures of masks of lenet_oneshot at this scale"
    shown = claims_of_figure("fig115", {"lenet_imp": str(folder)}, "config/peers", "quick", {})
    assert dict(zip(shown["id"], shown["verdict"], strict=True)) == {
        "p028": REPRODUCED,
        "p029": REPRODUCED,
    }


@pytest.mark.usefixtures("nothing_run")
def test_what_is_said_of_two_masks_is_judged_on_their_comparison() -> None:
    tables = {}
    for experiment, reference, distance in (
        ("lenet_early_masks_10", "lenet_oneshot", 0.05),
        ("lenet_oneshot", "another", 0.5),
    ):
        rows = [
            {"round": round_, "trial": trial, "replicate": 0, "percent_remaining": 100 - 9 * round_,
             "reference": compared, "mask_distance": value + trial / 1e4}
            for compared, value in ((reference, distance), ("one more", 0.9))
            for trial in range(5) for round_ in range(10)
        ]  # fmt: skip
        tables[experiment] = f"results/quick/distances/{experiment}"
        write_table("distances", Path(tables[experiment]), {"distances.parquet": rows})
    shown = (
        claims_of_figure("fig127", tables, "config/peers", "quick", {}).set_index("id").loc["p033"]
    )
    assert shown["verdict"] == REPRODUCED and shown["observed"] == pytest.approx(0.05, abs=0.001)
    found = judged()[1].loc["p033"]
    assert (found["verdict"], found["observed"]) == (REPRODUCED, shown["observed"])


@pytest.mark.usefixtures("nothing_run")
def test_a_notebook_judges_experiments_in_the_configs_order() -> None:
    """A job's settings are sorted by name; only the large network's tickets win here."""
    sizes = ["aksu_size_300-100", "aksu_size_122-40", "aksu_size_61-20", "aksu_size_24-7"]
    assert sizes != sorted(sizes)
    for number, name in enumerate(sizes):
        rows = [
            {"round": round_, "trial": trial, "replicate": 0, "diverged": False,
             "percent_remaining": 100 * 0.8**round_, "early_stop_iteration": 1000,
             "test_accuracy_at_early_stop": 0.9 + (round_ < 5 - number) / 100 * (round_ > 0)
             - (round_ >= 5 - number) / 100}
            for trial in range(2) for round_ in range(20)
        ]  # fmt: skip
        write_table("summary", Path("results/quick/tables", name), {"summary.parquet": rows})
    claims = figure_claims("fig121", PEERS, list(project_at("quick").experiments))
    tables = {name: f"results/quick/tables/{name}" for name in sorted(sizes)}
    shown = claims_of_figure("fig121", tables, claims, "quick", {}).set_index("id")
    assert shown.loc["p045", "observed"] == -1
    assert claims_of_figure("fig121", tables, "config/peers", "quick", {}).empty
    del tables["aksu_size_24-7"]
    assert claims_of_figure("fig121", tables, claims, "quick", {}).empty, "they are about all four"


def write_runs(name: str, accuracy: float) -> None:
    """Write the tables of an experiment whose five trials have nearly the same accuracy."""
    rows = [
        {"round": round_, "trial": trial, "replicate": 0, "iterations": 8000,
         "percent_remaining": 100 * 0.8**round_, "weights_remaining": round(266_200 * 0.8**round_),
         "test_accuracy_at_early_stop": accuracy + trial / 1e5}
        for trial in range(5) for round_ in range(1, 20)
    ]  # fmt: skip
    curves = [{"round": 1, "trial": 0, "replicate": 0, "iteration": 0, "split": "test",
               "loss": 1.0, "accuracy": 0.1}]  # fmt: skip
    files = {"summary.parquet": rows, "curves.parquet": curves}
    write_table("summary", Path("results/quick/tables", name), files)


def write_table(kind: str, folder: Path, files: dict[str, list[dict[str, Any]]]) -> None:
    """Write the files of a job and its manifest."""
    folder.mkdir(parents=True)
    for file, rows in files.items():
        pd.DataFrame(rows).to_parquet(folder / file)
    outputs = {file: sha256_file(folder / file) for file in files}
    settings = {"experiment": folder.name}
    manifest.write(folder / "manifest.json", manifest.build(kind, settings, "code", {}, outputs))
