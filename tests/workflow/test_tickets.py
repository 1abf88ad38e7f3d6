"""Tickets of a real run: loaded, trained without Snakemake, exported."""

import contextlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
import yaml
from click.testing import Result
from safetensors.numpy import load_file
from typer.testing import CliRunner

from lth_core.cli import app
from lth_core.data.load import load_splits
from lth_core.files import sha256_file
from lth_core.networks.initial import initial_weights
from lth_core.networks.shapes import weight_layers
from lth_core.ticket import load, read
from lth_core.ticket.accuracy import accuracy_of
from lth_core.training.stopping import Stopped

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

RUN = "results/tiny/runs/net_imp/round_02/trial_1"
FILES = ("weights.safetensors", "masks.safetensors", "metrics.parquet", "manifest.json")


def lth(project: "Project", *arguments: str) -> Result:
    """Run `lth` in the project's folder."""
    with contextlib.chdir(project.folder):
        return CliRunner().invoke(app, arguments)


def test_it_is_the_runs(built: "Project") -> None:
    ticket = load("net_imp", round=2, trial=1, scale="tiny", folder=built.folder)
    layers = weight_layers(ticket.settings["network"])
    masks = load_file(built.path(f"{RUN}/masks.safetensors"))
    weights = load_file(built.path(f"{RUN}/weights.safetensors"))
    theta_0 = initial_weights(layers, ticket.settings["initialisation"], 0, 1)
    for layer in layers:
        mask = masks[f"trial1/replicate0/{layer.weight}"]
        assert np.array_equal(ticket.mask[layer.weight], mask)
        start = ticket.initial()[layer.weight]
        assert np.array_equal(start, np.where(mask, theta_0[layer.weight], 0))
        trained = ticket.trained()[layer.weight]
        assert np.array_equal(trained, weights[f"trial1/replicate0/{layer.weight}"])
    assert ticket.provenance == sha256_file(built.path(f"{RUN}/manifest.json"))


def test_its_module_is_as_accurate_as_the_engine_measured(built: "Project") -> None:
    ticket = load("net_imp", round=2, trial=1, scale="tiny", folder=built.folder)
    data = built.path("results/data/mnist.safetensors")
    test = load_splits(data, ticket.settings["dataset"], ticket.settings["network"]["input"])[
        "test"
    ]
    metrics = pd.read_parquet(built.path(f"{RUN}/metrics.parquet"))
    metrics = metrics[metrics["split"] == "test"].set_index("iteration")
    labels = torch.tensor(test.labels).long()
    for module, iteration in ((ticket.module(), 0), (ticket.module(trained=True), 100)):
        with torch.no_grad():
            logits = module.eval()(torch.tensor(test.images))
        loss = float(F.cross_entropy(logits.double(), labels))
        assert loss == pytest.approx(metrics["loss"][iteration], abs=1e-5)
        right = float((logits.argmax(1) == labels).double().mean())
        assert right == pytest.approx(metrics["accuracy"][iteration], abs=1e-4)


def test_accuracies_of_a_table_that_was_changed_are_not_believed(project: "Project") -> None:
    ticket = load("net_imp", round=2, trial=1, scale="tiny", folder=project.folder)
    right = accuracy_of(ticket, project.folder, "end_test_accuracy")
    path = project.path("results/tiny/tables/net_imp/summary.parquet")
    pd.read_parquet(path).assign(end_test_accuracy=0.123).to_parquet(path)
    found = accuracy_of(ticket, project.folder, "end_test_accuracy")
    assert right and found and found.own == right.own, "the run's own metrics are read instead"


def test_a_run_that_is_shared_is_found_where_it_lies(built: "Project") -> None:
    one = load("net_rate_same", round=1, scale="tiny", folder=built.folder)
    assert one.provenance == load("net_imp", 1, scale="tiny", folder=built.folder).provenance
    assert one.experiment == "net_rate_same"


def test_numpy_is_enough(built: "Project") -> None:
    code = (
        "import sys; from lth_core.ticket import load; ticket = load('net_imp', 1, scale='tiny');"
    )
    code += "ticket.initial(); ticket.trained(); sys.exit('torch' in sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], cwd=built.folder)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def trained(built: "Project", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `lth train` has trained a control, and the tickets behind it."""
    out = tmp_path_factory.mktemp("trained") / "out"
    result = lth(built, "train", "net_reinit", "--round", "2", "--out", str(out))
    assert result.exit_code == 0, result.output
    return out


def test_trained_alone_it_has_the_bytes_of_the_workflow(built: "Project", trained: Path) -> None:
    there = {path.parent for path in trained.glob("results/tiny/runs/*/*/*/manifest.json")}
    names = {folder.relative_to(trained).as_posix() for folder in there}
    assert names == {
        "results/tiny/runs/net_reinit/round_02/trial_0",
        *(f"results/tiny/runs/net_imp/round_0{round_}/trial_0" for round_ in range(3)),
    }
    for name in names:
        for file in FILES:
            assert (trained / name / file).read_bytes() == built.path(f"{name}/{file}").read_bytes()


def test_what_is_trained_is_not_trained_again(built: "Project", trained: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in trained.rglob("*") if path.is_file()}
    assert lth(built, "train", "net_reinit", "--round", "2", "--out", str(trained)).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_what_is_gone_is_trained_again(built: "Project", trained: Path, tmp_path: Path) -> None:
    out = shutil.copytree(trained, tmp_path / "out")
    parent = out / "results/tiny/runs/net_imp/round_01/trial_0"
    (parent / "weights.safetensors").unlink()
    (out / "results/tiny/runs/net_imp/round_02/trial_0/masks.safetensors").unlink()
    control = out / "results/tiny/runs/net_reinit/round_02/trial_0"
    (control / "metrics.parquet").unlink()
    assert lth(built, "train", "net_reinit", "--round", "2", "--out", str(out)).exit_code == 0
    for path in (parent / "weights.safetensors", control / "metrics.parquet"):
        assert path.read_bytes() == built.path(str(path.relative_to(out))).read_bytes()


class Impatient:
    """Asks to stop at the third look, in place of a signal."""

    def __init__(self) -> None:
        self._looks = 0

    def check(self) -> None:
        self._looks += 1
        if self._looks == 3:
            raise Stopped("asked to stop")


def test_stopped_it_goes_on(
    built: "Project", trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = shutil.copytree(trained, tmp_path / "out")
    run = "results/tiny/runs/net_imp/round_02/trial_0"
    shutil.rmtree(out / run)
    with monkeypatch.context() as patched:
        patched.setattr("lth_core.jobs.train.stop_signals", Impatient)
        result = lth(built, "train", "net_imp", "--round", "2", "--out", str(out))
    assert result.exit_code == 1 and "asked to stop; saved after iteration" in result.stderr
    assert [path.name for path in (out / run).iterdir()] == ["resume.safetensors"]
    result = lth(built, "train", "net_imp", "--round", "2", "--out", str(out))
    assert result.exit_code == 0 and "resuming after iteration" in result.output
    for file in FILES:
        assert (out / run / file).read_bytes() == built.path(f"{run}/{file}").read_bytes()


def test_it_is_loaded_from_there(built: "Project", trained: Path) -> None:
    ours = load("net_reinit", round=2, scale="tiny", folder=trained)
    theirs = load("net_reinit", round=2, scale="tiny", folder=built.folder)
    assert ours.provenance == theirs.provenance
    assert all(np.array_equal(a, theirs.initial()[name]) for name, a in ours.initial().items())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["net_im", "--round", "1"], "no experiment is called 'net_im'; did you mean 'net_imp'"),
        (["net_imp", "--round", "9"], "it has rounds 0-2, trials 0-1"),
        (["net_imp", "--round", "1", "--trial", "5"], "has no round 1 of trial 5 at scale tiny"),
        (["net_imp", "--round", "1", "--scale", "huge"], "no scale is called 'huge'"),
    ],
)
def test_what_there_is_not_is_said_in_a_line(
    built: "Project", tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = lth(built, "train", *arguments, "--out", str(tmp_path / "out"))
    assert result.exit_code == 1 and said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_broken_config_is_said_before_anything_is_trained(
    project: "Project", tmp_path: Path
) -> None:
    project.edit("config/experiments/net.yaml", "optimizer: adam", "optimiser: adam")
    result = lth(project, "train", "net_imp", "--round", "0", "--out", str(tmp_path / "out"))
    assert result.exit_code == 1 and "net.yaml: net_imp.training.optimiser" in result.stderr
    assert not (tmp_path / "out").exists()


def header(text: str) -> dict[str, Any]:
    _, yaml_text, _ = text.split("---\n", 2)
    return dict(yaml.safe_load(yaml_text))


def test_an_exported_ticket_is_read_back(built: "Project", tmp_path: Path) -> None:
    arguments = ("net_imp", "--round", "2", "--trial", "1", "--scale", "tiny")
    assert lth(built, "export", *arguments, "--to", str(tmp_path)).exit_code == 0
    ticket, found = load("net_imp", 2, 1, scale="tiny", folder=built.folder), read(tmp_path)
    for name in ("experiment", "scale", "round", "trial", "replicate", "provenance"):
        assert getattr(found, name) == getattr(ticket, name)
    for one, other in (
        (found.mask, ticket.mask),
        (found.initial(), ticket.initial()),
        (found.trained(), ticket.trained()),
    ):
        assert one.keys() == other.keys()
        assert all(np.array_equal(array, other[name]) for name, array in one.items())
    images = torch.rand(5, 784)
    assert torch.equal(found.module(trained=True)(images), ticket.module(trained=True)(images))
    card, config = (
        (tmp_path / "README.md").read_text(),
        json.loads((tmp_path / "config.json").read_text()),
    )
    assert config["percent_remaining"] == ticket.percent_remaining
    summary = pd.read_parquet(built.path("results/tiny/tables/net_imp/summary.parquet"))
    rows = summary[summary["round"] == 2].set_index("trial")["end_test_accuracy"]
    assert f"{100 * rows[1]:.2f} %; mean {100 * rows.mean():.2f} %" in card
    assert "n = 2 trials" in card and ticket.provenance in card and "| scale | tiny |" in card
    assert header(card)["license"] == "mit" and header(card)["datasets"] == ["mnist"]


def test_no_other_readme_is_replaced(built: "Project", tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    result = lth(
        built, "export", "net_imp", "--round", "2", "--scale", "tiny", "--to", str(tmp_path)
    )
    assert result.exit_code == 1 and "README.md is no ticket's" in " ".join(result.output.split())
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_without_tables_the_accuracy_is_the_runs_own(trained: Path, tmp_path: Path) -> None:
    with contextlib.chdir(trained):
        arguments = ["export", "net_imp", "--round", "1", "--scale", "tiny", "--to", str(tmp_path)]
        result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "n = 1 trial" in (tmp_path / "README.md").read_text()


def test_its_own_folder_is_the_projects(built: "Project") -> None:
    """`--out .` finds what Snakemake has made, and does nothing."""
    before = built.files()
    assert lth(built, "train", "net_imp", "--round", "2", "--out", ".").exit_code == 0
    assert built.files() == before
