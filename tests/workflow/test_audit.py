"""`lth audit` on a figure that the pipeline built: everything that can be wrong is found."""

import contextlib
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import Result
from PIL import Image, PngImagePlugin
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.figures import embed
from lth_core.files import sha256_file
from lth_core.provenance.context import context_path

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

RESULTS = "results/tiny"
FIGURE = f"{RESULTS}/figures/fig91"
RUNS = f"{RESULTS}/runs/net_imp"
RUN = f"{RUNS}/round_01/trial_0"
TABLES = f"{RESULTS}/tables"
FILES = [
    *(f"{FIGURE}.{suffix}" for suffix in ("png", "svg", "csv", "ipynb", "manifest.json")),
    f"{FIGURE}.runs.parquet",
    f"{TABLES}/net_reinit/summary.parquet",
    f"{RUN}/metrics.parquet",
    f"{RUN}/weights.safetensors",
    RUN,
    "results/data/mnist.safetensors",
]


@pytest.fixture(scope="session")
def audited(built: "Project", tmp_path_factory: pytest.TempPathFactory) -> "Project":
    """The built project in a repository, as if a commit had made all of it. Not to be changed."""
    project = copied(built, tmp_path_factory.mktemp("audited"))
    with contextlib.chdir(project.folder):
        commit_all()
        for path in Path("results").rglob("*context.json"):
            made_by(path, commit=git("rev-parse", "HEAD"), changed=[])
    return project


@pytest.fixture
def project(audited: "Project", tmp_path: Path) -> "Project":
    """A copy of it, to be changed."""
    return copied(audited, tmp_path / "project")


@pytest.fixture(autouse=True)
def _here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in the folder of the test's project."""
    name = next(name for name in ("project", "audited") if name in request.fixturenames)
    monkeypatch.chdir(request.getfixturevalue(name).folder)


def copied(project: "Project", folder: Path) -> "Project":
    shutil.copytree(project.folder, folder, symlinks=True, dirs_exist_ok=True)
    return type(project)(folder)


def git(*arguments: str) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    done = subprocess.run(["git", *who, *arguments], check=True, capture_output=True)
    return done.stdout.decode().strip()


def commit_all() -> None:
    """Commit all but results, in a repository of the current folder."""
    git("init", "--quiet")
    Path(".gitignore").write_text("results/\nlogs/\n.snakemake/\n__pycache__/\n")
    git("add", ".")
    git("commit", "--quiet", "--message", "All")


def made_by(path: Path, **source: Any) -> None:
    """Make a context say what made its job."""
    context = json.loads(path.read_bytes())
    text = json.dumps(context | {"source": source}, sort_keys=True, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")


def lth(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def audit(file: str, *options: str) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Return exit code, nodes by manifest, and what of it is not verified."""
    result = lth("audit", file, "--json", *options)
    nodes = {node["manifest"]: node for node in json.loads(result.output)["nodes"]}
    wrong = {name: node["reasons"] for name, node in nodes.items() if node["reasons"]}
    return result.exit_code, nodes, json.dumps(wrong, indent=1)


def status(nodes: dict[str, dict[str, Any]], name: str) -> str:
    return str(nodes[f"{name}/manifest.json"]["status"])


def edit(name: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a manifest as an editor would."""
    content = json.loads(Path(name).read_text())
    change(content)
    Path(name).write_text(json.dumps(content, sort_keys=True, indent=1) + "\n")


def forge(name: str, spare: str = "") -> None:
    """Make all that is built on a manifest say that it always was as it is, but for `spare`."""
    digest = sha256_file(Path(name))
    beside = context_path(Path(name))
    beside.write_text(json.dumps(json.loads(beside.read_bytes()) | {"manifest": digest}))
    for path in Path("results").rglob("*manifest.json"):
        child = str(path)
        if child != spare and name in json.loads(path.read_text())["inputs"]:
            edit(child, lambda content: content["inputs"].update({name: digest}))
            forge(child, spare)
    for suffix in ("png", "svg", "ipynb"):
        picture = Path(name.replace("manifest.json", suffix))
        if picture.is_file() and str(picture) != spare:
            embed.embed(picture, {**embed.read_metadata(picture), "manifest": digest})


@pytest.mark.parametrize("file", FILES)
def test_what_was_built_is_verified_from_any_of_its_files(audited: "Project", file: str) -> None:
    code, nodes, wrong = audit(file)
    assert (code, wrong) == (0, "{}")
    assert "results/data/mnist.manifest.json" in nodes


def test_the_whole_graph_of_a_figure_is_walked(audited: "Project") -> None:
    _, nodes, _ = audit(f"{FIGURE}.png")
    kinds = [node["kind"] for node in nodes.values()]
    counts = {kind: kinds.count(kind) for kind in kinds}
    assert counts == {"figure": 1, "summary": 2, "train": 8, "dataset": 1}
    text = lth("audit", f"{FIGURE}.png").output
    assert "6 training jobs of net_imp: rounds 0-2, trials 0-1" in text
    assert text.splitlines()[-1].startswith("Verified: every file is what its manifest says")


@pytest.mark.parametrize("name", ["from an e-mail.png", "FIG.PNG", "figure"])
def test_a_copied_picture_finds_its_manifest(audited: "Project", tmp_path: Path, name: str) -> None:
    shutil.copy(f"{FIGURE}.png", tmp_path / name)
    assert audit(str(tmp_path / name))[0] == 0


def test_a_picture_without_metadata_is_known_by_its_pixels(
    audited: "Project", tmp_path: Path
) -> None:
    stripped = tmp_path / "stripped.png"
    with Image.open(f"{FIGURE}.png") as image:
        image.save(stripped)
    assert audit(str(stripped))[0] == 0


def test_a_picture_that_was_sent_alone_says_what_to_ask_for(
    audited: "Project", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(f"{FIGURE}.png", tmp_path)
    results = str(Path("results").resolve())
    monkeypatch.chdir(tmp_path)
    result = lth("audit", "fig91.png")
    assert result.exit_code == 2
    assert "says that it is fig91 at scale tiny" in result.stderr
    assert "--search" in result.stderr
    assert audit("fig91.png", "--search", results)[0] == 0


def test_a_figure_handed_over_with_its_manifest_is_not_compared(project: "Project") -> None:
    Path("handed").mkdir()
    for path in Path(f"{RESULTS}/figures").glob("fig91.*"):
        shutil.copy(path, "handed")
    code, nodes, wrong = audit("handed/fig91.png")
    others = {node["status"] for name, node in nodes.items() if not name.startswith("handed")}
    assert (code, others) == (1, {"verified"})
    assert nodes["handed/fig91.manifest.json"]["status"] == "foreign"
    assert "not compared with settings and code" in wrong


def test_a_file_that_nothing_vouches_for(audited: "Project", tmp_path: Path) -> None:
    (tmp_path / "fig91.csv").write_text("panel,series,x\n")
    result = lth("audit", str(tmp_path / "fig91.csv"))
    assert (result.exit_code, "nothing vouches for it" in result.stderr) == (2, True)


def test_an_edited_pixel(project: "Project", tmp_path: Path) -> None:
    path = Path(f"{FIGURE}.png")
    with Image.open(path) as image:
        edited = image.convert("RGB")
        edited.putpixel((100, 100), (1, 2, 3))
        information = PngImagePlugin.PngInfo()
        information.add_text(embed.KEY, image.info[embed.KEY])
        edited.save(path, pnginfo=information, dpi=image.info["dpi"])
    shutil.copy(path, tmp_path / "copied.png")
    for file in (str(path), str(tmp_path / "copied.png")):
        code, _, wrong = audit(file)
        assert code == 2
        assert "the pixels of" in wrong


@pytest.mark.parametrize(("key", "value"), [("scale", "paper"), ("figure", "fig92")])
def test_edited_metadata(project: "Project", key: str, value: Any) -> None:
    path = Path(f"{FIGURE}.png")
    embed.embed(path, {**embed.read_metadata(path), key: value})
    code, _, wrong = audit(str(path))
    assert code == 2
    assert f"fig91.png: says {key}" in wrong


@pytest.mark.parametrize(
    ("suffix", "text"), [("csv", "net_imp"), ("svg", "Accuracy"), ("ipynb", "net_imp")]
)
def test_an_edited_output_of_a_figure(project: "Project", suffix: str, text: str) -> None:
    path = Path(f"{FIGURE}.{suffix}")
    content = path.read_text(encoding="utf-8")
    assert text in content
    path.write_text(content.replace(text, f"{text}x"), encoding="utf-8")
    for file in (str(path), f"{FIGURE}.png"):
        code, nodes, wrong = audit(file)
        assert code == 2
        assert nodes[f"{FIGURE}.manifest.json"]["status"] == "changed"
        assert f"fig91.{suffix}" in wrong


def test_a_swapped_checkpoint(project: "Project") -> None:
    shutil.copy(f"{RUNS}/round_02/trial_0/weights.safetensors", RUN)
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, status(nodes, RUN)) == (2, "changed")
    assert [n["status"] for n in nodes.values()].count("verified") == len(nodes) - 1
    assert "weights.safetensors is" in wrong


def test_the_metrics_of_another_seed(project: "Project") -> None:
    shutil.copy(f"{RUNS}/round_01/trial_1/metrics.parquet", RUN)
    code, nodes, _ = audit(f"{FIGURE}.svg")
    assert (code, status(nodes, RUN)) == (2, "changed")


def test_a_damaged_table(project: "Project") -> None:
    Path(f"{TABLES}/net_imp/summary.parquet").write_bytes(b"PAR1")
    code, nodes, _ = audit(f"{FIGURE}.png")
    assert (code, status(nodes, f"{TABLES}/net_imp")) == (2, "changed")
    code, nodes, _ = audit(f"{FIGURE}.png", "--why", "net_imp@100")
    assert (code, status(nodes, f"{TABLES}/net_imp")) == (2, "changed")
    code, nodes, _ = audit(f"{TABLES}/net_imp/summary.parquet")
    assert (code, status(nodes, f"{TABLES}/net_imp")) == (2, "changed")


def test_a_damaged_table_of_runs(project: "Project") -> None:
    Path(f"{FIGURE}.runs.parquet").write_bytes(b"PAR1")
    for question in ((f"{FIGURE}.runs.parquet",), (f"{FIGURE}.png", "--why", "net_imp@100")):
        code, nodes, _ = audit(*question)
        assert (code, nodes[f"{FIGURE}.manifest.json"]["status"]) == (2, "changed")


def test_a_whole_run_of_another_seed(project: "Project") -> None:
    shutil.rmtree(RUN)
    shutil.copytree(f"{RUNS}/round_01/trial_1", RUN)
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, status(nodes, RUN)) == (2, "changed")
    assert "edited, or made again since" in wrong
    assert status(nodes, f"{TABLES}/net_imp") == "stale"


def test_an_edited_manifest(project: "Project") -> None:
    edit(f"{RUN}/manifest.json", lambda content: content["settings"].update(seed=7))
    code, nodes, _ = audit(f"{FIGURE}.png")
    assert (code, status(nodes, RUN)) == (2, "changed")


def test_a_manifest_that_is_none(project: "Project") -> None:
    Path(f"{RUN}/manifest.json").write_text("{}")
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, status(nodes, RUN)) == (2, "changed")
    assert "cannot be read" in wrong


def test_a_manifest_that_makes_no_sense(project: "Project") -> None:
    edit(f"{FIGURE}.manifest.json", lambda content: content.update(settings={}))
    result = lth("audit", f"{FIGURE}.png")
    assert (result.exit_code, "make no sense" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "spare",
    [f"{TABLES}/net_imp/manifest.json", f"{FIGURE}.manifest.json", f"{FIGURE}.png"],
)
def test_a_manifest_edited_with_all_hashes_but_one(project: "Project", spare: str) -> None:
    edit(f"{RUN}/manifest.json", lambda content: content.update(diverged=[[0, 0]]))
    forge(f"{RUN}/manifest.json", spare)
    for suffix in ("png", "csv"):
        code, _, wrong = audit(f"{FIGURE}.{suffix}")
        assert code == 2
        assert spare.rpartition("/")[2] in wrong or spare in wrong


def test_a_perfect_forgery_of_settings_is_what_the_config_does_not_plan(
    project: "Project",
) -> None:
    edit(f"{RUN}/manifest.json", lambda content: content["settings"].update(seed=7))
    forge(f"{RUN}/manifest.json")
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, status(nodes, RUN)) == (1, "stale")
    assert "settings: seed 7, here 0" in wrong


@pytest.mark.parametrize("vouched", [False, True])
def test_a_wrong_data_set(project: "Project", vouched: bool) -> None:
    path, manifest = Path("results/data/mnist.safetensors"), "results/data/mnist.manifest.json"
    arrays = load_file(path)
    arrays["train_labels"] = np.roll(arrays["train_labels"], 1)
    path.unlink()
    save_file(arrays, path)
    if vouched:  # by a manifest, and all that were built on it
        digest = sha256_file(path)
        edit(manifest, lambda content: content["outputs"].update({path.name: digest}))
        forge(manifest)
    exit_code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (exit_code, nodes[manifest]["status"]) == (2, "changed")
    assert "mnist.safetensors is not mnist: train_labels: expected sha256" in wrong
    others = {node["status"] for name, node in nodes.items() if name != manifest}
    assert others == {"verified"}


@pytest.mark.slow
def test_what_no_job_used_taints_nothing(project: "Project") -> None:
    project.write("README.md", "Edited since.")
    project.append("config/config.yaml", "\n# A remark that changes nothing.\n")
    Path(f"{FIGURE}.manifest.json").unlink()
    project.run("fig91")
    assert audit(f"{FIGURE}.png")[::2] == (0, "{}")


def test_an_untracked_source_taints_what_used_it(project: "Project") -> None:
    """Nobody else has it."""
    project.append("config/experiments/net.yaml", EXPERIMENT)
    commit_all()
    source = project.path("lth_core/arms/weights/original.py").read_text(encoding="utf-8")
    project.write("lth_core/arms/weights/mine.py", source.replace('"original"', '"mine"'))
    project.run("--", f"{TABLES}/net_mine/manifest.json")
    result = lth_of(project, "audit", f"{TABLES}/net_mine")
    assert result.returncode == 1
    (foreign,) = [line for line in result.stdout.splitlines() if "! foreign" in line]
    assert "round_01/trial_0" in foreign
    assert foreign.endswith("changes that no commit holds: lth_core/arms/weights/mine.py")
    assert f"verified  summary {TABLES}/net_mine" in result.stdout


EXPERIMENT = """

net_mine:
  description: A source of my own.
  extends: net_imp
  arm: {mask: {source: imp}, weights: {source: mine}}
  rounds: 1
  trials: 1
"""


@pytest.mark.slow
@pytest.mark.long
def test_the_same_work_at_another_commit(project: "Project") -> None:
    """Data fetched again, and a run trained again: what was built on them stands."""
    git("commit", "--quiet", "--allow-empty", "--message", "Another")
    made_by(Path("results/data/mnist.context.json"), commit=git("rev-parse", "HEAD"), changed=[])
    shutil.rmtree(RUN)
    project.run("--", f"{RUN}/manifest.json")
    assert project.stale("fig91") == set()
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, wrong) == (0, "{}")
    commits = {node["source"]["commit"] for node in nodes.values()}
    assert commits == {git("rev-parse", "HEAD"), git("rev-parse", "HEAD~1")}


def test_an_unknown_commit_and_another_lock(project: "Project") -> None:
    project.write("requirements.txt", "numpy==1.0.0 \\\n    --hash=sha256:0\n")
    made_by(Path(f"{RUN}/context.json"), commit="0" * 40, changed=[])
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, status(nodes, RUN)) == (1, "foreign")
    assert "made by commit 00000000, which this checkout does not have" in wrong
    assert "the lock has 1.0.0" in wrong


def test_a_context_that_is_gone(project: "Project") -> None:
    Path(f"{RUN}/context.json").unlink()
    shutil.copy(f"{RUNS}/round_01/trial_1/context.json", f"{RUNS}/round_02/trial_0")
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, status(nodes, RUN)) == (1, "missing")
    assert status(nodes, f"{RUNS}/round_02/trial_0") == "foreign"
    assert "its context is gone" in wrong and "its context is of another manifest" in wrong


def test_a_job_that_the_config_does_not_plan(project: "Project") -> None:
    project.edit("config/experiments/net.yaml", "  rounds: 2\n", "  rounds: 1\n")
    project.edit("config/experiments/net.yaml", "  rounds: 1-2\n", "  rounds: 1\n")
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, status(nodes, f"{RUNS}/round_02/trial_0")) == (1, "foreign")
    assert "config/ here does not plan it: no job net_imp/round_02/trial_0" in wrong
    assert status(nodes, f"{TABLES}/net_imp") == "stale"
    assert status(nodes, RUN) == "verified"


def test_settings_and_inputs_that_changed_since(project: "Project") -> None:
    project.edit("config/experiments/net.yaml", "learning_rate: 0.0012", "learning_rate: 0.0013")
    project.append("notebooks/pruning_curves.ipynb", "\n")
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, status(nodes, RUN)) == (1, "stale")
    assert "settings: training.learning_rate 0.0012, here 0.0013" in wrong
    assert nodes[f"{FIGURE}.manifest.json"]["status"] == "stale"
    assert "input: notebooks/pruning_curves.ipynb" in wrong
    assert nodes["results/data/mnist.manifest.json"]["status"] == "verified"


def test_code_that_changed_since(project: "Project") -> None:
    project.append("lth_core/training/order.py", "\nMORE = 1\n")
    result = lth_of(project, "audit", f"{FIGURE}.png")
    assert result.returncode == 1
    stale = [line for line in result.stdout.splitlines() if line.startswith("stale")]
    assert len(stale) == 2 and all("training jobs of net_" in line for line in stale)


def lth_of(project: "Project", *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `lth` with the code of the project's own copy."""
    command = [sys.executable, "-c", "from lth_core.cli import app; app()", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(project.folder)}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8")


def test_a_reader_that_has_seen_enough(audited: "Project") -> None:
    """As in `lth audit fig91.png | head`."""
    command = [sys.executable, "-c", "from lth_core.cli import app; app()", "audit"]
    process = subprocess.Popen(
        [*command, f"{FIGURE}.png"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait()


def test_what_was_deleted_is_missing(project: "Project") -> None:
    for name in ("weights", "masks"):
        Path(f"{RUN}/{name}.safetensors").unlink()
    shutil.rmtree(f"{RUNS}/round_02/trial_1")
    code, nodes, wrong = audit(f"{FIGURE}.png")
    assert (code, status(nodes, RUN)) == (1, "missing")
    assert status(nodes, f"{RUNS}/round_02/trial_1") == "missing"
    assert "weights.safetensors is gone (it was " in wrong


def test_a_point_leads_to_its_runs(audited: "Project") -> None:
    result = lth("audit", f"{FIGURE}.png", "--why", "net_imp@64.1", "--json")
    why = json.loads(result.output)
    assert (result.exit_code, why["agrees"], why["panel"]) == (0, True, "accuracy")
    assert [(run["round"], run["trial"]) for run in why["runs"]] == [(2, 0), (2, 1)]
    values = [run["value"] for run in why["runs"]]
    assert float(why["drawn"][0]["mean"]) == pytest.approx(sum(values) / 2, rel=1e-9)
    for trial, run in enumerate(why["runs"]):
        assert run["job"] == f"{RUNS}/round_02/trial_{trial}/manifest.json"
        test = [row for row in run["metrics"] if row["split"] == "test"]
        assert [row["iteration"] for row in test] == [100]
        assert test[0]["accuracy"] == pytest.approx(run["value"])
        assert {(origin["role"], origin["job"][-29:-14]) for origin in run["from"]} == {
            ("trained", f"ound_01/trial_{trial}"),
            ("trained", f"ound_00/trial_{trial}"),
        }
        remaining = sum(counts[0] for counts in run["mask"].values())
        assert remaining == test[0]["weights_remaining"]
        assert run["settings"]["seed"] == 0


def test_a_point_of_a_control_leads_to_its_ticket(audited: "Project") -> None:
    text = lth("audit", f"{FIGURE}.csv", "--why", "net_reinit@80").output
    assert "ticket net_imp/round_01/trial_0 <- trained net_imp/round_00/trial_0" in text
    assert ": the same" in text


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ("net_imp", "should be SERIES@X, such as net_imp@100"),
        ("net_omp@100", "no series 'net_omp'. There are: net_imp, net_reinit"),
        ("net_imp@50", "net_imp has no point there, but at 100, 80.0626, 64.1051"),
    ],
)
def test_a_point_that_is_not_there(audited: "Project", point: str, message: str) -> None:
    result = lth("audit", f"{FIGURE}.png", "--why", point)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_run_leads_to_the_points_that_use_it(audited: "Project") -> None:
    used = json.loads(lth("audit", f"{RUN}/metrics.parquet", "--json").output)["used_by"]
    assert {use["figure"]: use["points"] for use in used} == {
        "fig91": ["net_imp@80.06"],
        "fig92": ["net_rate_same@80.06"],  # which shares the run
    }


def test_a_point_that_is_not_what_its_runs_say(project: "Project") -> None:
    path = Path(f"{FIGURE}.csv")
    lines = path.read_text().splitlines()
    fields = lines[1].split(",")
    lines[1] = ",".join([*fields[:3], "0.99", *fields[4:]])
    path.write_text("\n".join(lines) + "\n")
    result = lth("audit", str(path), "--why", "net_imp@100")
    assert result.exit_code == 2
    assert "NOT what is drawn" in result.output


def test_a_point_of_a_perfect_forgery_is_not_what_its_runs_say(project: "Project") -> None:
    """Every record fits the forged numbers, but the runs below do not give them."""
    path, manifest = Path(f"{FIGURE}.csv"), f"{FIGURE}.manifest.json"
    lines = path.read_text().splitlines()
    lines[1] = ",".join([*lines[1].split(",")[:3], "0.99", *lines[1].split(",")[4:]])
    path.write_text("\n".join(lines) + "\n")
    edit(manifest, lambda content: content["outputs"].update({path.name: sha256_file(path)}))
    forge(manifest)
    assert audit(str(path))[0] == 0
    result = lth("audit", str(path), "--why", "net_imp@100")
    assert (result.exit_code, "NOT what is drawn" in result.output) == (2, True)
    assert lth("audit", str(path), "--why", "net_imp@80").exit_code == 0


def test_diff_of_the_same(audited: "Project") -> None:
    result = lth("diff", f"{FIGURE}.png", f"{FIGURE}.csv")
    assert result.exit_code == 0
    assert "The results are the same" in result.output


def test_diff_of_two_runs_names_the_setting(audited: "Project") -> None:
    rate = f"{RESULTS}/runs/net_rate_other"
    result = lth("diff", f"{RUNS}/round_02/trial_0", f"{rate}/round_02/trial_0")
    assert result.exit_code == 1
    first = result.output.split("First difference: ")[1].splitlines()
    assert first[0].startswith(f"{RUNS}/round_00/trial_0/manifest.json")
    assert first[1].strip() == "settings: training.learning_rate 0.0012, then 0.002"


def test_diff_of_two_versions_of_a_figure(audited: "Project", project: "Project") -> None:
    shutil.copytree(f"{RESULTS}/figures", "before")
    edit(f"{RUN}/manifest.json", lambda content: content.update(code="other"))
    forge(f"{RUN}/manifest.json")
    old = str(audited.path(f"{FIGURE}.png"))
    result = lth("diff", old, f"{FIGURE}.png")
    assert result.exit_code == 0  # only the record differs
    assert f"First difference: {RUN}/manifest.json\n    code: fingerprint" in result.output
    kept = lth("diff", "before/fig91.png", f"{FIGURE}.png")
    assert "is not here any more" in kept.output  # the runs of then were overwritten


def test_drawing_again_gives_the_same_bytes(audited: "Project", project: "Project") -> None:
    for path in Path(f"{RESULTS}/figures").glob("fig92.*"):
        path.unlink()
    assert "Drawing fig92" in project.run("fig92")
    assert project.files(f"{RESULTS}/figures") == audited.files(f"{RESULTS}/figures")


def test_manifests_tell_nothing_about_people_and_machines(audited: "Project") -> None:
    names = {str(audited.folder), str(Path.home()), socket.gethostname(), getpass.getuser()}
    secrets = {name for name in names if len(name) > 4}  # shorter ones may be words
    for name, content in audited.files().items():
        if name.endswith((".json", ".ipynb", ".svg", ".csv")):
            assert not [secret for secret in secrets if secret.encode() in content], name
