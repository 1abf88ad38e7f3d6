"""The graph behind a manifest."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lth_core.audit.archive import write_archive
from lth_core.audit.find import NotFound, find, project_root
from lth_core.audit.integrity import integrity
from lth_core.audit.load import UNREADABLE, load_graph
from lth_core.audit.manifests import read_manifest, relative
from lth_core.audit.status import Status
from lth_core.errors import Failure
from lth_core.provenance.context import context_path
from tests.audit.conftest import job
from tests.audit.test_pictures import claiming

Make = Callable[..., Path]
TINY, PUBLISHED = "results/tiny", "results/published/tiny"
RUN = f"{TINY}/runs/net/round_01/trial_0"
ARCHIVE = f"{PUBLISHED}/manifests.parquet"


def root_of(path: Path) -> Path:
    return path.parents[4]


def test_parents_come_before_children(make: Make) -> None:
    top = make(rounds=4, trials=3)
    graph = load_graph(top, root_of(top))
    assert len(graph.nodes) == 13
    assert list(graph.nodes)[-1] == graph.top == "results/tiny/tables/net/manifest.json"
    seen: set[str] = set()
    for node in graph.nodes.values():
        assert seen.issuperset(node.parents)
        seen.add(node.path)
    assert all(file.same for node in graph.nodes.values() for file in node.outputs)
    assert len(graph.nodes[f"{RUN}/manifest.json"].recorded) == 2  # by next round and table


def test_who_recorded_what(make: Make) -> None:
    top = make()
    graph = load_graph(top, root_of(top), {"a picture": "f" * 64})
    assert graph.nodes[graph.top].recorded == {"a picture": "f" * 64}
    node = graph.nodes[f"{RUN}/manifest.json"]
    assert set(node.recorded.values()) == {node.found}
    assert len(node.recorded) == 2


def test_what_is_gone_ends_the_walk(make: Make) -> None:
    top = make(trials=1)
    (root_of(top) / RUN / "out.bin").unlink()
    (root_of(top) / "results/tiny/runs/net/round_02/trial_0/manifest.json").unlink()
    graph = load_graph(top, root_of(top))
    gone = graph.nodes["results/tiny/runs/net/round_02/trial_0/manifest.json"]
    assert (gone.manifest, gone.found, gone.kind, gone.parents) == (None, None, "unknown", ())
    assert graph.nodes[f"{RUN}/manifest.json"].outputs[0].found is None


def test_a_manifest_that_names_its_descendant_is_no_endless_walk(make: Make) -> None:
    top = make()
    path = root_of(top) / RUN / "manifest.json"
    content = json.loads(path.read_text())
    content["inputs"] = {"results/tiny/tables/net/manifest.json": "0"}
    path.write_text(json.dumps(content))
    graph = load_graph(top, root_of(top))
    assert len(graph.nodes) == 7


@pytest.mark.parametrize("text", ["", "[]", "3", '{"kind": "table"}', '{"kind": "', "\xff"])
def test_what_is_no_manifest(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="latin-1")
    digest, content = read_manifest(path)
    assert digest is not None and content is None
    assert read_manifest(tmp_path / "none.manifest.json") == (None, None)


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        ("png", b"\x89PNG\r\n"),
        ("png", claiming(60_000, 60_000)),
        ("ipynb", b'{"cells": [], "metadata": null}'),
        ("ipynb", b'{"cells": [], "metadata": []}'),
        ("svg", b"\xff"),
    ],
)
def test_a_picture_that_cannot_be_read(make: Make, suffix: str, data: bytes) -> None:
    top = make()
    (top.parent / f"net.{suffix}").write_bytes(data)
    content = json.loads(top.read_text())
    content["outputs"] = {f"net.{suffix}:content": "0"}
    top.write_text(json.dumps(content))
    graph = load_graph(top, root_of(top))
    assert graph.nodes[graph.top].outputs[0].found == UNREADABLE
    (wrong,) = [r for r in integrity(graph.nodes[graph.top], graph) if "content of" in r.text]
    assert wrong.text == f"the content of net.{suffix} cannot be read: cut off or damaged"


def test_a_context_that_is_gone_or_damaged(make: Make) -> None:
    top = make()
    context_path(top).write_text('{"environment": {}}', encoding="utf-8")
    context_path(root_of(top) / RUN / "manifest.json").unlink()
    nodes = load_graph(top, root_of(top)).nodes
    assert [path for path, node in nodes.items() if node.context is None] == [
        f"{RUN}/manifest.json",
        "results/tiny/tables/net/manifest.json",
    ]


def test_the_context_of_an_archived_job_is_archived_too(make: Make) -> None:
    """Where the job lay may be another one now."""
    root, path = root_of(make()), f"{RUN}/manifest.json"
    top = published(root)
    write_archive(root / ARCHIVE, {path: (root / path).read_bytes()})
    node = load_graph(top, root).nodes[path]
    assert (node.archived, node.context) == (True, None)


def published(root: Path) -> Path:
    """Write the published copy of the summary; return its manifest."""
    name = "tables/net"
    return job(root, f"{PUBLISHED}/{name}", "published", {}, "1", [f"{TINY}/{name}/manifest.json"])


def test_an_archive_stands_for_no_results_that_are_not_published(make: Make) -> None:
    """Else whoever adds one turns what was changed into what is only left out."""
    top = make()
    root, path = root_of(top), f"{RUN}/manifest.json"
    content = {path: (root / path).read_bytes()}
    (root / RUN / "out.bin").write_bytes(b"changed")
    for folder in (".", "results", TINY, f"{TINY}/tables", PUBLISHED):
        write_archive(root / folder / "manifests.parquet", content)
        node = load_graph(top, root).nodes[path]
        assert not node.archived
        assert [reason.status for reason in integrity(node, load_graph(top, root))] == [
            Status.CHANGED
        ]


def test_an_archive_stands_for_nothing_that_is_published_itself(make: Make) -> None:
    root = root_of(make())
    top = published(root)
    (top.parent / "out.bin").write_bytes(b"changed")
    figure = job(root, f"{PUBLISHED}/figures/one", "figure", {}, "1", [relative(top, root)])
    paths = [path for path in root.rglob("manifest.json")]
    write_archive(root / ARCHIVE, {relative(path, root): path.read_bytes() for path in paths})
    graph = load_graph(figure, root)
    kept = [node.path for node in graph.nodes.values() if not node.archived]
    assert kept == [relative(top, root), relative(figure, root)]
    (wrong,) = integrity(graph.nodes[relative(top, root)], graph)
    assert wrong.status == Status.CHANGED


def test_a_damaged_archive_is_told(make: Make) -> None:
    root = root_of(make())
    top = published(root)
    (root / ARCHIVE).write_bytes(b"PAR1")
    with pytest.raises(Failure, match="manifests.parquet cannot be read: cut off or damaged"):
        load_graph(top, root)


def test_the_root_is_where_the_inputs_lie(make: Make, tmp_path: Path) -> None:
    top = make("unpacked/elsewhere")
    assert project_root(top, read_manifest(top)[1]) == tmp_path / "unpacked/elsewhere"


def test_results_that_lie_elsewhere_belong_to_the_project_with_the_link(
    make: Make, tmp_path: Path
) -> None:
    top = make("disk")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/results").symlink_to(root_of(top) / "results")
    linked = tmp_path / "project" / top.relative_to(root_of(top))
    assert project_root(linked, read_manifest(linked)[1]) == tmp_path / "project"


def test_a_file_finds_the_manifest_beside_it_or_the_one_that_records_it(
    make: Make, tmp_path: Path
) -> None:
    top = make()
    out = root_of(top) / RUN / "out.bin"
    assert find(out, []).manifest == out.parent / "manifest.json"
    assert find(out.parent, []).manifest == out.parent / "manifest.json"
    copied = tmp_path / "copied.bin"
    copied.write_bytes(out.read_bytes())
    assert find(copied, [root_of(top)]).manifest == out.parent / "manifest.json"
    copied.write_bytes(b"other")
    with pytest.raises(NotFound, match="nothing vouches for it"):
        find(copied, [root_of(top)])
    with pytest.raises(FileNotFoundError):
        find(tmp_path / "none.png", [])
