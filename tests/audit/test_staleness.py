"""Whether this checkout would leave a job as it is recorded: its kind, and its place."""

import shutil
from pathlib import Path

import pytest

from lth_core.audit.checkout import Checkout
from lth_core.audit.load import load_graph
from lth_core.audit.staleness import stale
from lth_core.audit.status import Status
from lth_core.jobs.kind import code_of
from lth_core.provenance import manifest
from tests.projects import CONFIG

DATA = "results/data/mnist.manifest.json"
JOB = {"dataset": "mnist", "reads": {}}


def reasons(root: Path, name: str, **changes: object) -> list[tuple[Status, str]]:
    """Return why a data set with a manifest of this name is not current."""
    shutil.copytree(CONFIG, root / "config")
    content = manifest.build("dataset", JOB, code_of("dataset", JOB), {}, {})
    manifest.write(root / name, content | changes)
    graph = load_graph(root / name, root)
    return [tuple(reason) for reason in stale(graph.nodes[name], graph, Checkout(root, graph))]


def test_what_would_be_made_here(tmp_path: Path) -> None:
    assert reasons(tmp_path, DATA) == []


def test_a_config_with_a_mistake_is_no_reason_to_believe_it(tmp_path: Path) -> None:
    assert reasons(tmp_path, DATA) == []
    graph = load_graph(tmp_path / DATA, tmp_path)
    node = graph.nodes[DATA]
    (tmp_path / "config/experiments/wrong.yaml").write_text("wrong: {round: 3}\n")
    ((status, text),) = stale(node, graph, Checkout(tmp_path, graph))
    assert (status, "config/ has a mistake" in text) == (Status.FOREIGN, True)
    shutil.rmtree(tmp_path / "config")
    assert list(stale(node, graph, Checkout(tmp_path, graph))) == []


@pytest.mark.parametrize("kind", ["arrays", "figure", "train", ""])
def test_another_kind(tmp_path: Path, kind: str) -> None:
    """Only data sets' arrays are checked against their own digests: they must not pass for more."""
    assert reasons(tmp_path, DATA, kind=kind) == [(Status.STALE, f"kind: {kind}, here dataset")]


@pytest.mark.parametrize(
    "name",
    ["handed/mnist.manifest.json", "mnist.manifest.json", "results/smoke/mnist.manifest.json"],
)
def test_a_place_where_no_job_leaves_its_files(tmp_path: Path, name: str) -> None:
    ((status, text),) = reasons(tmp_path, name)
    assert status == Status.FOREIGN
    assert text.endswith("these lie: not compared with settings and code")
