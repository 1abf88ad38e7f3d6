"""Publishing figures and claims: copies that stand by themselves, made again to the same bytes."""

import contextlib
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from lth_core.audit.archive import read_archive, write_archive
from lth_core.cli import app
from lth_core.config.load import load as load_project
from lth_core.errors import Failure
from lth_core.files import sha256_file
from lth_core.publish.masks import masks_there
from lth_core.runs.finished import finished_below
from lth_core.runs.plan import Plan
from lth_core.ticket import load
from lth_core.training.checkpoint import save_lanes
from tests.damage import DAMAGE

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = "results/published/tiny"
FIGURE = f"{PUBLISHED}/figures/fig91"
RUN = "results/tiny/runs/net_imp/round_01/trial_0"
PAGE = f"{PUBLISHED}/claims.html"
TICKETS = [("net_imp", 2, 1), ("net_imp", 0, 0), ("net_reinit", 1, 0), ("net_rate_same", 1, 0)]
HEADER = "id,section,experiment,statement,quantity,value,unit,tolerance_hint,figure,source\n"
# Both runs reach 30 percent at an evaluation that no figure draws.
CLAIMS = """\
t1:
  statement: It learns no more than there is
  checks: [{statistic: {estimator: value, experiment: net_imp, y: end_test_accuracy, size: 100},
            accept: {below: 101}}]
t2:
  statement: It learns soon
  checks: [{statistic: {estimator: value, experiment: net_imp, y: iterations_to_accuracy, at: 30,
                        size: 100}, accept: {below: 101}}]
t3:
  statement: It is wide
  checks: [{statistic: {estimator: histogram_mean, experiment: net_imp, quantity: initial_weight,
                        layer: fc1, round: 1}, accept: {above: 0}}]
"""


def lth(project: "Project", *arguments: str) -> Result:
    """Run `lth` in the project's folder."""
    with contextlib.chdir(project.folder):
        return CliRunner().invoke(app, arguments)


def publish(project: "Project", *figures: str) -> None:
    """Publish figures with the code of the project's own copy."""
    environment = {**os.environ, "PYTHONPATH": str(project.folder)}
    command = [sys.executable, "-c", "from lth_core.cli import app; app()", "publish", *figures]
    subprocess.run(command, cwd=project.folder, env=environment, check=True)


def audit(project: "Project", file: str) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Return exit code, nodes by manifest, and what of it is wrong; the data may be foreign."""
    result = lth(project, "audit", file, "--json")
    nodes = {node["manifest"]: node for node in json.loads(result.stdout)["nodes"]}
    expected = ("omitted", "foreign")
    wrong = [r for n in nodes.values() for r in n["reasons"] if r["status"] not in expected]
    return result.exit_code, nodes, json.dumps(wrong, indent=1)


@pytest.fixture(scope="session")
def published(built: "Project", tmp_path_factory: pytest.TempPathFactory) -> "Project":
    """The built project with its figures published. Not to be changed."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(built.folder, folder, symlinks=True, dirs_exist_ok=True)
    project = type(built)(folder)
    make_claims(project)
    publish(project, "fig91", "fig92")
    return project


def make_claims(project: "Project") -> None:
    """Put claims about the project's own experiments in place of the paper's."""
    for path in project.path("config/paper/claims").iterdir():
        path.unlink()
    project.write("config/paper/claims/tiny.yaml", CLAIMS)
    statements = [line.split(": ")[1] for line in CLAIMS.splitlines() if "statement" in line]
    rows = [f't{n},2,,"{text}",,,,,fig91,text\n' for n, text in enumerate(statements, 1)]
    project.write("config/paper/claims.csv", HEADER + "".join(rows))


def verdicts(project: "Project") -> pd.DataFrame:
    """Return the published verdicts by claim."""
    return pd.read_csv(project.path(f"{PUBLISHED}/claims.csv"), index_col="id")


@pytest.fixture
def clone(published: "Project", tmp_path: Path) -> "Project":
    """What git has of that project: no results but the published ones."""
    ignore = shutil.ignore_patterns("results", ".snakemake", "logs", "__pycache__")
    shutil.copytree(published.folder, tmp_path, ignore=ignore, dirs_exist_ok=True)
    shutil.copytree(published.path("results/published"), tmp_path / "results/published")
    return type(published)(tmp_path)


@pytest.mark.slow
@pytest.mark.long
def test_pictures_and_numbers_are_those_of_the_results(published: "Project") -> None:
    for figure in ("fig91", "fig92"):
        path = f"figures/{figure}.manifest.json"
        one, other = (
            json.loads(published.path(f"{folder}/{path}").read_bytes())["outputs"]
            for folder in ("results/tiny", PUBLISHED)
        )
        for outputs in (one, other):  # notebooks name the tables
            del outputs[f"{figure}.ipynb:content"]
        assert one == other


def test_drawn_again_without_results_they_have_the_same_bytes(clone: "Project") -> None:
    before = clone.files()
    assert not any(name.endswith(".ipynb") for name in before)
    output = clone.run("published")
    assert "3 published results, 0 of them changed" in output
    assert clone.files() == before


def test_claims_are_judged_on_the_published_tables(published: "Project") -> None:
    assert dict(verdicts(published)["verdict"]) == {
        "t1": "reproduced",
        "t2": "inconclusive",  # both runs are there when they end, but not before
        "t3": "not run",
    }
    counts = "3 claims: 1 reproduced, 1 inconclusive, 1 not run, 0 not reproduced"
    assert counts in published.path(PAGE).read_text()
    readme = published.path("results/published/README.md").read_text()
    assert f"{counts} ([page](tiny/claims.html)" in readme


@pytest.mark.slow
@pytest.mark.long
def test_claims_are_not_judged_on_curves_without_the_rows(clone: "Project") -> None:
    clone.edit("config/paper/claims/tiny.yaml", "at: 30", "at: 40")
    assert "2 published results" not in clone.run("published")
    found = verdicts(clone)
    assert list(found["verdict"]) == ["reproduced", "not run", "not run"]
    assert found["reason"]["t2"] == "the learning curves of net_imp are thinned too far"
    _, nodes, wrong = audit(clone, f"{FIGURE}.png")
    assert nodes[f"{PUBLISHED}/tables/net_imp/manifest.json"]["status"] == "stale"
    assert "settings: curves.accuracies.0 30.0, here 40.0" in wrong


@pytest.mark.slow
@pytest.mark.long
def test_code_that_draws_something_else_leaves_a_record_of_its_own(clone: "Project") -> None:
    clone.append("lth_core/figures/style.py", "\nDPI = 50\n")
    output = clone.run("published")
    assert "3 published results, 2 of them changed" in output
    assert audit(clone, f"{FIGURE}.png")[0] < 2


@pytest.mark.parametrize("suffix", ["png", "svg", "csv"])
def test_it_is_proven_down_to_the_data(clone: "Project", suffix: str) -> None:
    code, nodes, wrong = audit(clone, f"{FIGURE}.{suffix}")
    assert (code < 2, wrong) == (True, "[]")
    kinds = [node["kind"] for node in nodes.values()]
    counts = {kind: kinds.count(kind) for kind in kinds}
    assert counts == {"figure": 1, "published": 2, "summary": 2, "train": 8, "dataset": 1}
    text = lth(clone, "audit", f"{FIGURE}.{suffix}").stdout
    assert "masks.safetensors, metrics.parquet, weights.safetensors are not published" in text
    assert "down to mnist (digest c473ce9d)" in text


@pytest.mark.parametrize("name", ["claims.html", "claims.csv", "claims.manifest.json"])
def test_verdicts_are_proven_down_to_the_data(clone: "Project", name: str) -> None:
    code, nodes, wrong = audit(clone, f"{PUBLISHED}/{name}")
    assert (code < 2, wrong) == (True, "[]")
    kinds = [node["kind"] for node in nodes.values()]
    assert [kinds.count(kind) for kind in ("claims", "published", "summary", "dataset")] == [
        1,
        4,
        4,
        1,
    ]


def test_an_edited_verdict_is_found(clone: "Project") -> None:
    path = clone.path(f"{PUBLISHED}/claims.csv")
    path.write_text(path.read_text().replace("not run", "reproduced"))
    assert audit(clone, PAGE)[0] == 2


def test_what_is_only_left_out_is_no_reservation(clone: "Project") -> None:
    """But for what the tests lack: a commit."""
    _, nodes, wrong = audit(clone, f"{PUBLISHED}/tables/net_imp/curves.parquet")
    assert wrong == "[]"
    texts = {r["text"] for node in nodes.values() for r in node["reasons"]}
    assert {text.partition(":")[0] for text in texts} == {
        "made by no commit that is known",
        "masks.safetensors, metrics.parquet, weights.safetensors are not published; what they were"
        " is recorded",
        "mnist.safetensors is not published; what it was is recorded",
        "curves.parquet, summary.parquet are not published; what they were is recorded",
    }


def test_machine_and_versions_behind_what_is_published_are_known(clone: "Project") -> None:
    _, nodes, _ = audit(clone, f"{FIGURE}.png")
    assert all(node["environment"]["python"] for node in nodes.values())
    assert nodes[f"{RUN}/manifest.json"]["environment"]["engine"] == "sparse"


def test_results_of_other_runs_at_the_same_place_do_not_matter(clone: "Project") -> None:
    for name in ("manifest.json", "context.json", "metrics.parquet", "masks.safetensors"):
        clone.write(f"{RUN}/{name}", "{}")
    code, nodes, wrong = audit(clone, f"{FIGURE}.png")
    assert (code < 2, wrong) == (True, "[]")
    assert nodes[f"{RUN}/manifest.json"]["environment"]
    assert lth(clone, "audit", f"{FIGURE}.png", "--why", "net_imp@80.1").exit_code < 2


def test_a_point_is_taken_to_its_runs(clone: "Project") -> None:
    result = lth(clone, "audit", f"{FIGURE}.png", "--why", "net_imp@80.1")
    assert "(0" in result.stdout and "n = 2): the same" in result.stdout
    assert "round 1, trial 1" in result.stdout


def test_an_edited_manifest_in_the_archive_is_found(clone: "Project") -> None:
    archive, name = clone.path(f"{PUBLISHED}/manifests.parquet"), f"{RUN}/manifest.json"
    manifests = read_archive(archive)
    manifests[name] = manifests[name].replace(b"0.0012", b"0.0011")
    write_archive(archive, manifests)
    code, nodes, _ = audit(clone, f"{FIGURE}.png")
    assert code == 2
    assert nodes[name]["status"] == "changed"


def test_an_edited_table_is_found(clone: "Project") -> None:
    path = clone.path(f"{PUBLISHED}/tables/net_imp/summary.parquet")
    table = pd.read_parquet(path)
    table["end_test_accuracy"] += 0.01
    table.to_parquet(path)
    code, nodes, _ = audit(clone, f"{FIGURE}.png")
    assert code == 2
    assert nodes[f"{PUBLISHED}/tables/net_imp/manifest.json"]["status"] == "changed"


def test_a_new_title_needs_no_results(clone: "Project") -> None:
    text = clone.path("config/figures/fig91.yaml").read_text()
    clone.write("config/figures/fig91.yaml", text.replace("title: A figure", "title: Renamed"))
    publish(clone, "fig91")
    page = clone.path("results/published/README.md").read_text()
    assert "### Figure 91 (not in the paper): Renamed" in page
    assert audit(clone, f"{FIGURE}.png")[0] < 2


MASKS = f"{PUBLISHED}/masks/net_imp/masks.safetensors"


@pytest.mark.parametrize(("experiment", "round_", "trial"), TICKETS)
def test_a_published_ticket_is_that_of_the_results(
    clone: "Project", built: "Project", experiment: str, round_: int, trial: int
) -> None:
    """A control's mask is its ticket's, a dense network's needs none; shared runs are found."""
    found, whole = (load(experiment, round_, trial, scale="tiny", folder=project.folder)
                    for project in (clone, built))  # fmt: skip
    assert found.provenance == whole.provenance
    for one, other in ((found.mask, whole.mask), (found.initial(), whole.initial())):
        assert one.keys() == other.keys()
        assert all(np.array_equal(array, other[name]) for name, array in one.items())
    with pytest.raises(Failure, match="are not published"):
        found.trained()


def test_a_published_ticket_is_exported(clone: "Project", tmp_path: Path) -> None:
    out, arguments = tmp_path / "out", ("net_imp", "--round", "1", "--scale", "tiny")
    assert lth(clone, "export", *arguments, "--to", str(out)).exit_code == 0
    assert {path.name for path in out.iterdir()} == {
        *("README.md", "config.json", "mask.safetensors", "initial.safetensors"),
    }
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "n = 2 trials" in card and "trained.safetensors" not in card


def test_packed_masks_are_those_of_the_runs_byte_by_byte(clone: "Project", tmp_path: Path) -> None:
    """A run's own file, made again of them, has the digest that its archived manifest names."""
    runs = json.loads(clone.path(MASKS).with_name("manifest.json").read_bytes())["settings"]["runs"]
    assert {(run["round"], run["trial"]) for run in runs} == {(1, 0), (1, 1), (2, 0), (2, 1)}
    archive = read_archive(clone.path(f"{PUBLISHED}/manifests.parquet"))
    for run in runs:
        ticket = load("net_imp", run["round"], run["trial"], scale="tiny", folder=clone.folder)
        save_lanes(tmp_path / "masks", [(run["trial"], 0)], [ticket.mask])
        outputs = json.loads(archive[f"{run['folder']}/manifest.json"])["outputs"]
        assert sha256_file(tmp_path / "masks") == outputs["masks.safetensors"]
    weights = 784 * 20 + 20 * 10 + 10 * 10
    assert clone.path(MASKS).stat().st_size < len(runs) * (weights / 8 + 500)


def test_masks_are_proven_down_to_the_data(clone: "Project") -> None:
    code, nodes, wrong = audit(clone, MASKS)
    assert (code < 2, wrong) == (True, "[]")
    assert {"published_masks", "train", "dataset"} == {node["kind"] for node in nodes.values()}
    data = bytearray(clone.path(MASKS).read_bytes())
    data[-1] ^= 1
    clone.path(MASKS).write_bytes(data)
    assert audit(clone, MASKS)[0] == 2
    with pytest.raises(Failure, match="masks.safetensors is not what its manifest says"):
        load("net_imp", 1, scale="tiny", folder=clone.folder)


@pytest.mark.slow
def test_masks_that_are_not_kept_are_left_out(project: "Project") -> None:
    make_claims(project)
    result = lth(project, "publish", "fig91", "--no-masks")
    assert result.exit_code == 0 and "mask" not in result.stdout
    assert not project.path(MASKS).exists()
    project.path(f"{RUN}/masks.safetensors").unlink()
    result = lth(project, "publish", "fig91")
    assert result.exit_code == 0, result.output
    assert f"the masks of net_imp are left out: {RUN}/masks.safetensors is not kept" in (
        result.stdout
    )
    assert not project.path(MASKS).exists()
    assert audit(project, f"{FIGURE}.png")[0] < 2
    assert load("net_imp", 1, scale="tiny", folder=project.folder), "from the weights of round 0"
    project.path(f"{RUN.replace('round_01', 'round_00')}/weights.safetensors").unlink()
    with pytest.raises(Failure, match="masks.safetensors is not kept; .* are not published"):
        load("net_imp", 1, scale="tiny", folder=project.folder)


def test_masks_too_large_for_git_are_left_out(
    project: "Project", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lth_core.publish.masks.MOST_MB", 0.005)
    with contextlib.chdir(project.folder):
        plan = Plan(load_project(Path("config")), finished_below(Path("results/tiny/runs")))
        job, why = masks_there(plan, "net_imp", PUBLISHED)
    assert job is None and why == "they take 0.00799 MB, and git is given 0.005 at most"


def test_it_tells_nothing_about_people_and_machines(published: "Project") -> None:
    names = {str(published.folder), str(ROOT), socket.gethostname(), getpass.getuser()}
    secrets = {name for name in {*names, str(Path.home())} if len(name) > 5}
    archive = read_archive(published.path(f"{PUBLISHED}/manifests.parquet"))
    files = published.files("results/published") | archive
    for name, data in files.items():
        assert not [secret for secret in secrets if secret.encode() in data], name


def refused(project: "Project", *arguments: str) -> str:
    """Return why `lth publish` refuses, and check that it wrote nothing."""
    before = project.files("results")
    result = lth(project, "publish", *arguments)
    assert result.exit_code == 1, result.stdout
    assert project.files("results") == before
    return result.stderr


def test_missing_tables_are_named(project: "Project") -> None:
    project.path("results/tiny/tables/net_reinit/manifest.json").unlink()
    message = refused(project, "fig91")
    assert "fig91 at scale tiny: 1 of its 2 tables are not in results/tiny/tables/: net_reinit" in (
        message
    )
    assert "snakemake --cores 2 --config scale=tiny -- fig91" in message
    assert "to publish what there is: lth publish fig91_partial --scale tiny" in message


def test_changed_files_are_not_published(project: "Project") -> None:
    project.write(f"{RUN}/metrics.parquet", "other")
    message = refused(project, "fig91")
    assert f"{RUN}/manifest.json: metrics.parquet is" in message


@pytest.mark.parametrize("how", ["cut off", "'{}'", "without inputs"])
def test_a_damaged_copy_is_made_again_from_results_or_told(
    published: "Project", tmp_path: Path, how: str
) -> None:
    def spoil(name: str) -> None:
        path = project.path(name)
        path.write_bytes(DAMAGE[how](path.read_bytes()))

    project = published.copy_to(tmp_path)
    before = project.files(PUBLISHED)
    table = f"{PUBLISHED}/tables/net_imp/manifest.json"
    spoil(table)
    spoil(f"{FIGURE}.manifest.json")
    publish(project, "fig91")
    contexts = {name for name in before if name.endswith(".context.json")}
    after = project.files(PUBLISHED)
    assert {name for name in before if after[name] != before[name]} <= contexts
    spoil(table)
    shutil.rmtree(project.path("results/tiny/tables/net_imp"))
    said = f"{table} is no manifest, or damaged; get it back with `git checkout {table}`.\n"
    assert refused(project, "fig91") == said


def test_tables_made_with_other_settings_are_not_published(project: "Project") -> None:
    project.edit("config/experiments/net.yaml", "rounds: 2\n  trials: 2", "rounds: 2\n  trials: 1")
    message = refused(project, "fig91")
    assert "net_imp/manifest.json: made with other settings: trials 2, here 1" in message


def test_tables_of_runs_made_with_other_settings_are_not_published(project: "Project") -> None:
    """The tables' own settings are the config's."""
    rate = "learning_rate: 0.0012"
    project.edit("config/experiments/net.yaml", rate, "learning_rate: 0.0013")
    message = refused(project, "fig91")
    assert message.startswith("results/tiny/runs/net_imp/round_")
    text = "made with other settings: training.learning_rate 0.0012, here 0.0013. Remake it"
    assert text in message


def test_an_unknown_figure_is_told(project: "Project") -> None:
    assert "no figure is called 'fig9'" in refused(project, "fig9")
