"""Which jobs are replayed, and that XOR's come out again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lth_core.audit.graph import Graph, load_graph
from lth_core.audit.replay import Outcome, replay, sample
from lth_core.config.load import load
from lth_core.config.xor import Xor
from lth_core.provenance import manifest
from lth_core.provenance.fingerprint import fingerprint
from lth_core.published.archive import write_archive
from lth_core.xor import job, table
from lth_core.xor.plan import XorPlan

CONFIG = Path(__file__).parents[2] / "config"
RUN = "results/tiny/runs/net/round_01/trial_0/manifest.json"
Make = Callable[..., Path]


def edit(path: Path, lanes: list[dict[str, object]]) -> None:
    content = json.loads(path.read_text())
    content["settings"]["lanes"] = lanes
    manifest.write(path, content)


def test_a_sample_follows_from_its_seed(make: Make, tmp_path: Path) -> None:
    graph = load_graph(make(rounds=4, trials=4), tmp_path / "made")
    drawn = sample(graph, 5, seed=0)
    # A table needs metrics that this graph has none of; the jobs need nothing of each other.
    assert (len(drawn.nodes), drawn.possible, drawn.impossible) == (5, 17, {})
    again, other = sample(graph, 5, seed=0), sample(graph, 5, seed=1)
    assert again.nodes == drawn.nodes != other.nodes
    assert len(sample(graph, 100, seed=0).nodes) == 17
    order = list(graph.nodes)
    places = [order.index(node.path) for node in drawn.nodes]
    assert places == sorted(places)  # parents first


def test_jobs_whose_inputs_are_not_what_they_were_are_not_replayed(
    make: Make, tmp_path: Path
) -> None:
    top = make()
    edit(tmp_path / "made" / RUN, [])
    drawn = sample(load_graph(top, tmp_path / "made"), 100, seed=0)
    children = {RUN.replace("round_01", "round_02"), "results/tiny/tables/net/manifest.json"}
    assert drawn.impossible == dict.fromkeys(children, f"{RUN} is not what it was")


@pytest.mark.parametrize("folder", ["../elsewhere", "/elsewhere", "results/tiny/runs/other"])
def test_a_forged_manifest_leads_nowhere(make: Make, tmp_path: Path, folder: str) -> None:
    """A training job sets broken parents aside: it must never do so outside its scratch folder."""
    top = make()
    edit(tmp_path / "made" / RUN, [{"trial": 0, "trained": {"folder": folder}}])
    drawn = sample(load_graph(top, tmp_path / "made"), 100, seed=0)
    assert drawn.impossible[RUN] == f"its settings name {folder}, which is none of its inputs"


@pytest.fixture
def xor_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """The table of an XOR experiment of 30 trials and two rounds, and its jobs."""
    monkeypatch.chdir(tmp_path)
    xor: Xor = load(CONFIG, {"scale": "paper"}).xor
    training = xor.training.model_copy(update={"iterations": 400})
    plan = XorPlan(xor.model_copy(update={"training": training, "trials": 30}))
    name, runs = "v1_xor_oneshot_product", "results/tiny/runs"
    rounds = plan.rounds(name)[:2]
    for one in rounds:
        told = json.loads(plan.specification(one, runs))
        job.run(told, fingerprint("lth_core.xor.job"), Path(runs, plan.folder(one)))
    metrics = [Path(runs, plan.folder(one), "metrics.parquet") for one in rounds]
    out = Path("results/tiny/tables", name)
    code = fingerprint("lth_core.xor.table")
    table.build(name, metrics, xor.tie_margin, xor.zero_loss, code, out)
    return load_graph(out / manifest.NAME, Path())


def test_xor_jobs_come_out_again(xor_graph: Graph) -> None:
    drawn = sample(xor_graph, 10, seed=0)
    replays = list(replay(drawn.nodes, xor_graph))
    assert [found.path for found in replays] == list(xor_graph.nodes)
    assert len(replays) == 3
    assert {found.outcome for found in replays} == {Outcome.IDENTICAL}
    assert all(found.code[0] == found.code[1] for found in replays)


def test_jobs_come_out_again_from_archived_manifests(xor_graph: Graph) -> None:
    """As in results/published: the manifests of many jobs lie in one file."""
    top = xor_graph.root / xor_graph.top
    texts = {path: (xor_graph.root / path).read_bytes() for path in xor_graph.nodes}
    write_archive(Path("results/tiny/manifests.parquet"), texts)
    for path in texts:
        Path(path).unlink()
    top.write_bytes(texts[xor_graph.top])
    graph = load_graph(top, Path())
    assert all(node.archived for node in graph.nodes.values())
    replays = list(replay(sample(graph, 10, seed=0).nodes, graph))
    assert [found.outcome for found in replays] == [Outcome.IDENTICAL] * 3
