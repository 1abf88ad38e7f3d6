"""Which jobs are replayed, and that XOR's come out again."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lth_core.audit.archive import write_archive
from lth_core.audit.graph import Graph
from lth_core.audit.load import load_graph
from lth_core.audit.replay import Outcome, replay, sample
from lth_core.jobs.kind import code_of, kind
from lth_core.jobs.run import run
from lth_core.provenance import manifest
from lth_core.provenance.context import context_path
from lth_core.runs.plan import Plan
from tests.projects import project_at

RUN = "results/tiny/runs/net/round_01/trial_0/manifest.json"
Make = Callable[..., Path]


def edit(path: Path, **settings: object) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    content["settings"] |= settings
    manifest.write(path, content)


def test_a_sample_follows_from_its_seed(make: Make, tmp_path: Path) -> None:
    graph = load_graph(make(rounds=4, trials=4), tmp_path / "made")
    drawn = sample(graph, 5, seed=0)
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
    edit(tmp_path / "made" / RUN, lanes=[])
    drawn = sample(load_graph(top, tmp_path / "made"), 100, seed=0)
    children = {RUN.replace("round_01", "round_02"), "results/tiny/tables/net/manifest.json"}
    assert drawn.impossible == dict.fromkeys(children, f"{RUN} is not what it was")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"lanes": [{"parents": {"trained": {"folder": "../other"}}}]}, "../other lies outside"),
        ({"lanes": [{"parents": {"trained": {"folder": "/other"}}}]}, "/other lies outside"),
        ({"dataset": {"name": "../../other"}}, "../../other lies outside"),
        ({"reads": {"../other/manifest.json": []}}, "../other/manifest.json lies outside"),
        ({"reads": {"other/manifest.json": []}}, "other/manifest.json, which is not among its"),
        ({"reads": {RUN.replace("1/", "0/"): ["../x"]}}, "../x lies outside"),
    ],
)
def test_a_forged_manifest_leads_nowhere(
    make: Make, tmp_path: Path, settings: dict[str, Any], why: str
) -> None:
    """A job sets broken inputs aside: it must never do so outside its scratch folder."""
    top = make()
    edit(tmp_path / "made" / RUN, **settings)
    drawn = sample(load_graph(top, tmp_path / "made"), 100, seed=0)
    assert why in drawn.impossible[RUN]


@pytest.fixture
def xor_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """The summary of an XOR experiment of 30 trials and three rounds, and its jobs."""
    project = project_at("paper")
    name = "v1_xor_oneshot_product"
    training = project.xor.training.model_copy(update={"iterations": 400})
    changed = {"training": training, "trials": 30}
    plan = Plan(replace(project, xor=project.xor.model_copy(update=changed)))
    monkeypatch.chdir(tmp_path)
    for one in plan.runs(name):
        path = Path(plan.manifest(plan.job(one)))
        told = plan.specification(plan.job(one))
        run("train_xor", told, code_of("train_xor", told), path.parent)
    place = {"results": plan.results, "experiment": name}
    path, told = Path(plan.results, "tables", name), kind("summary_xor").job(plan, place)
    run("summary_xor", told, code_of("summary_xor", told), path)
    return load_graph(path / manifest.NAME, Path())


def test_xor_jobs_come_out_again(xor_graph: Graph) -> None:
    drawn = sample(xor_graph, 10, seed=0)
    replays = list(replay(drawn.nodes, xor_graph))
    assert [found.manifest for found in replays] == list(xor_graph.nodes)
    assert len(replays) == 4
    assert {found.outcome for found in replays} == {Outcome.IDENTICAL}
    assert all(found.code["recorded"] == found.code["here"] for found in replays)


def test_jobs_come_out_again_from_archived_manifests(xor_graph: Graph) -> None:
    """As in results/published: manifests and contexts of many jobs lie in one file."""
    paths = [p for name in xor_graph.nodes for p in (Path(name), context_path(Path(name)))]
    texts = {path.as_posix(): path.read_bytes() for path in paths}
    write_archive(Path("results/published/paper/manifests.parquet"), texts)
    for path in paths:
        path.unlink()
    digest = xor_graph.nodes[xor_graph.top].found
    copy = manifest.build("published", {}, "1", {xor_graph.top: str(digest)}, {})
    top = Path("results/published/paper/tables/copy/manifest.json")
    manifest.write(top, copy)
    graph = load_graph(top, Path())
    (*behind, _) = graph.nodes.values()
    assert len(behind) == 4 and all(node.archived and node.context for node in behind)
    replays = list(replay(sample(graph, 2, seed=0).nodes, graph))
    assert [found.outcome for found in replays] == [Outcome.IDENTICAL] * 2
    assert not any(found.environment for found in replays)
